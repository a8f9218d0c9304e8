import type { Db } from './database.ts';

/** Failed sign-ins, and those under way, by subject: an account or an address. */
export function loginFailureStore(db: Db) {
  return {
    /** Times of the newest `limit` failures of a subject since `since`, the newest first. */
    async times(subject: string, since: string, limit: number): Promise<string[]> {
      const rows = await db
        .selectFrom('login_failures')
        .select('at')
        .where('subject', '=', subject)
        .where('at', '>', since)
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(({ at }) => at);
    },

    /** Gives the row's id, with which it can be taken back. */
    async add(subject: string, at: string): Promise<number> {
      const row = await db
        .insertInto('login_failures')
        .values({ subject, at })
        .returning('id')
        .executeTakeFirstOrThrow();
      return row.id;
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
