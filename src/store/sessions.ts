import type { Role } from '../domain/principal.ts';
import type { Db } from './database.ts';

export interface NewSession {
  id: string;
  userId: string;
  refreshHash: string;
  csrf: string;
  createdAt: string;
  expiresAt: string;
  address: string;
  agent: string;
}

/** A session with what is true of its user now. */
export interface LiveSession {
  id: string;
  userId: string;
  role: Role;
  isUserDisabled: boolean;
  csrf: string;
  expiresAt: string;
  isRevoked: boolean;
}

/** Sign-ins of people. */
export function sessionStore(db: Db) {
  return {
    async insert(session: NewSession): Promise<void> {
      await db
        .insertInto('sessions')
        .values({
          id: session.id,
          user_id: session.userId,
          refresh_hash: session.refreshHash,
          csrf: session.csrf,
          created_at: session.createdAt,
          expires_at: session.expiresAt,
          revoked_at: null,
          address: session.address,
          agent: session.agent,
        })
        .execute();
    },

    async live(id: string): Promise<LiveSession | undefined> {
      const row = await db
        .selectFrom('sessions')
        .innerJoin('users', 'users.id', 'sessions.user_id')
        .select(['sessions.id', 'sessions.user_id', 'sessions.csrf', 'sessions.expires_at'])
        .select(['sessions.revoked_at', 'users.role', 'users.disabled'])
        .where('sessions.id', '=', id)
        .executeTakeFirst();
      if (!row) return undefined;
      return {
        id: row.id,
        userId: row.user_id,
        role: row.role as Role,
        isUserDisabled: row.disabled !== 0,
        csrf: row.csrf,
        expiresAt: row.expires_at,
        isRevoked: row.revoked_at !== null,
      };
    },

    /** Puts another refresh token in force; with `from`, only when that one was. False when nothing was changed. */
    async rotate(id: string, to: string, from?: string): Promise<boolean> {
      let query = db
        .updateTable('sessions')
        .set({ refresh_hash: to })
        .where('id', '=', id)
        .where('revoked_at', 'is', null);
      if (from !== undefined) query = query.where('refresh_hash', '=', from);
      return (await query.executeTakeFirst()).numUpdatedRows > 0n;
    },

    async revoke(id: string, at: string): Promise<void> {
      await db
        .updateTable('sessions')
        .set({ revoked_at: at })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .execute();
    },

    /** Ends all sessions of a user but, where it is given, the session `except`. */
    async revokeOfUser(userId: string, at: string, except?: string): Promise<void> {
      let query = db
        .updateTable('sessions')
        .set({ revoked_at: at })
        .where('user_id', '=', userId)
        .where('revoked_at', 'is', null);
      if (except !== undefined) query = query.where('id', '!=', except);
      await query.execute();
    },

    async removeExpired(before: string): Promise<void> {
      await db.deleteFrom('sessions').where('expires_at', '<', before).execute();
    },
  };
}

export type SessionStore = ReturnType<typeof sessionStore>;
