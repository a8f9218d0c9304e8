import { sql } from 'kysely';
import type { Db } from './database.ts';

export interface LoginFailure {
  at: string;
  /** False while the sign-in is in progress. */
  isJudged: boolean;
}

const PENDING = 'pending ';

/** Failed sign-ins, and those in progress, by what they count for: an account, a network, a device. */
export function loginFailureStore(db: Db) {
  return {
    /** The newest `limit` failures of a subject since `since`, the newest first. */
    async recent(subject: string, since: string, limit: number): Promise<LoginFailure[]> {
      const rows = await db
        .selectFrom('login_failures')
        .select(['subject', 'at'])
        .where('subject', 'in', [subject, PENDING + subject])
        .where('at', '>', since)
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ at: row.at, isJudged: row.subject === subject }));
    },

    /** Counts a sign-in in progress; gives the row's id. */
    async begin(subject: string, at: string): Promise<number> {
      const row = await db
        .insertInto('login_failures')
        .values({ subject: PENDING + subject, at })
        .returning('id')
        .executeTakeFirstOrThrow();
      return row.id;
    },

    /** The sign-ins failed. */
    async judge(ids: readonly number[]): Promise<void> {
      await db
        .updateTable('login_failures')
        .set({ subject: sql<string>`substr(subject, ${sql.lit(PENDING.length + 1)})` })
        .where('id', 'in', ids)
        .execute();
    },

    async takeBack(ids: readonly number[]): Promise<void> {
      await db.deleteFrom('login_failures').where('id', 'in', ids).execute();
    },

    async removeOf(subject: string): Promise<void> {
      await db.deleteFrom('login_failures').where('subject', '=', subject).execute();
    },

    async removeBefore(at: string): Promise<void> {
      await db.deleteFrom('login_failures').where('at', '<=', at).execute();
    },
  };
}

export type LoginFailureStore = ReturnType<typeof loginFailureStore>;
