import type { Selectable } from 'kysely';
import type { ApiKey } from '../domain/api-key.ts';
import type { Role, Scope } from '../domain/principal.ts';
import type { Db } from './database.ts';
import type { Tables } from './tables.ts';

/** A key with what is true of its owner now. */
export interface LiveApiKey {
  id: string;
  userId: string;
  role: Role;
  isUserDisabled: boolean;
  scopes: readonly Scope[];
  expiresAt: string | null;
  lastUsedAt: string | null;
}

const toKey = (row: Selectable<Tables['api_keys']>): ApiKey => ({
  id: row.id,
  userId: row.user_id,
  name: row.name,
  hint: row.hint,
  scopes: JSON.parse(row.scopes) as Scope[],
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  lastUsedAt: row.last_used_at,
});

/** API keys, known by their hash only. */
export function apiKeyStore(db: Db) {
  return {
    async count(): Promise<number> {
      const row = await db
        .selectFrom('api_keys')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow();
      return row.n;
    },

    async insert(key: ApiKey, keyHash: string): Promise<void> {
      await db
        .insertInto('api_keys')
        .values({
          id: key.id,
          user_id: key.userId,
          name: key.name,
          key_hash: keyHash,
          hint: key.hint,
          scopes: JSON.stringify(key.scopes),
          created_at: key.createdAt,
          expires_at: key.expiresAt,
          revoked_at: null,
          last_used_at: null,
        })
        .execute();
    },

    async byId(id: string): Promise<ApiKey | undefined> {
      const row = await db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toKey(row);
    },

    /** In order of their making, those after the id `after`; of one user where it is given. */
    async list(limit: number, after?: string, userId?: string): Promise<ApiKey[]> {
      let query = db.selectFrom('api_keys').selectAll().orderBy('id').limit(limit);
      if (after !== undefined) query = query.where('id', '>', after);
      if (userId !== undefined) query = query.where('user_id', '=', userId);
      return (await query.execute()).map(toKey);
    },

    /** The key of this hash, unless it is revoked. */
    async live(keyHash: string): Promise<LiveApiKey | undefined> {
      const row = await db
        .selectFrom('api_keys')
        .innerJoin('users', 'users.id', 'api_keys.user_id')
        .select(['api_keys.id', 'api_keys.user_id', 'api_keys.scopes', 'api_keys.expires_at'])
        .select(['api_keys.last_used_at', 'users.role', 'users.disabled'])
        .where('api_keys.key_hash', '=', keyHash)
        .where('api_keys.revoked_at', 'is', null)
        .executeTakeFirst();
      if (!row) return undefined;
      return {
        id: row.id,
        userId: row.user_id,
        role: row.role as Role,
        isUserDisabled: row.disabled !== 0,
        scopes: JSON.parse(row.scopes) as Scope[],
        expiresAt: row.expires_at,
        lastUsedAt: row.last_used_at,
      };
    },

    async rename(id: string, name: string): Promise<void> {
      await db.updateTable('api_keys').set({ name }).where('id', '=', id).execute();
    },

    /** Notes a use unless one at or after `since` is noted, so that several processes write seldom too. */
    async markUsed(id: string, at: string, since: string): Promise<void> {
      await db
        .updateTable('api_keys')
        .set({ last_used_at: at })
        .where('id', '=', id)
        .where(({ or, eb }) => or([eb('last_used_at', 'is', null), eb('last_used_at', '<', since)]))
        .execute();
    },

    /** False when it was revoked already. */
    async revoke(id: string, at: string): Promise<boolean> {
      const result = await db
        .updateTable('api_keys')
        .set({ revoked_at: at })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
  };
}

export type ApiKeyStore = ReturnType<typeof apiKeyStore>;
