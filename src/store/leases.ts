import { AppError } from '../base/errors.ts';
import type { Db } from './database.ts';

/** A right that one process has at a time. `token` grows with each change of holder, `beat` while the holder lives. */
export interface Lease {
  holder: string | null;
  token: number;
  beat: number;
  /** For people only: clocks are set. */
  changedAt: string;
}

/** What a process holds. */
export interface Held {
  name: string;
  holder: string;
  token: number;
}

/** Leases over all processes. Whether a holder lives is told by watching its beat, never by the time of day. */
export function leaseStore(db: Db) {
  return {
    async get(name: string): Promise<Lease | undefined> {
      const row = await db.selectFrom('leases').selectAll().where('name', '=', name).executeTakeFirst();
      if (!row) return undefined;
      const { holder, token, beat, changed_at } = row;
      return { holder, token: Number(token), beat: Number(beat), changedAt: changed_at };
    },

    /** Takes the lease as it was seen; undefined when it has changed since, or another was first. */
    async take(name: string, holder: string, seen: Lease | undefined, at: string): Promise<Held | undefined> {
      if (!seen) {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('leases')
          .values({ name, holder, token: 1, beat: 0, changed_at: at })
          .onConflict((conflict) => conflict.column('name').doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows === 1n ? { name, holder, token: 1 } : undefined;
      }
      const token = seen.token + 1;
      const { numUpdatedRows } = await db
        .updateTable('leases')
        .set({ holder, token, beat: 0, changed_at: at })
        .where('name', '=', name)
        .where('token', '=', seen.token)
        .where('beat', '=', seen.beat)
        .executeTakeFirst();
      return numUpdatedRows === 1n ? { name, holder, token } : undefined;
    },

    /**
     * Says that the holder lives; throws `run.fenced` when another has the lease. Call it first in each transaction that only the holder
     * may make: who takes the lease meanwhile waits for its end.
     */
    async hold({ name, holder, token }: Held): Promise<void> {
      const { numUpdatedRows } = await db
        .updateTable('leases')
        .set(({ eb }) => ({ beat: eb('beat', '+', 1) }))
        .where('name', '=', name)
        .where('holder', '=', holder)
        .where('token', '=', token)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw new AppError('run.fenced', 'Another process has the lease by now');
    },

    /** Gives it back, so that the next one takes it at once; nothing happens where another has it. */
    async release({ name, holder, token }: Held, at: string): Promise<void> {
      await db
        .updateTable('leases')
        .set({ holder: null, changed_at: at })
        .where('name', '=', name)
        .where('holder', '=', holder)
        .where('token', '=', token)
        .execute();
    },
  };
}

export type LeaseStore = ReturnType<typeof leaseStore>;
