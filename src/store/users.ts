import type { Selectable, Updateable } from 'kysely';
import { AppError } from '../base/errors.ts';
import type { Role } from '../domain/principal.ts';
import type { User } from '../domain/user.ts';
import type { Db } from './database.ts';
import { isUniqueViolation } from './store-errors.ts';
import type { Tables } from './tables.ts';

export interface UserRecord extends User {
  passwordHash: string;
}

export interface UserChange {
  name?: string | undefined;
  role?: Role | undefined;
  disabled?: boolean | undefined;
  passwordHash?: string | undefined;
}

const toRecord = (row: Selectable<Tables['users']>): UserRecord => ({
  id: row.id,
  email: row.email,
  name: row.name,
  role: row.role as Role,
  disabled: row.disabled !== 0,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  passwordHash: row.password_hash,
});

/** People. E-mail addresses are given as `toEmail` makes them. */
export function userStore(db: Db) {
  return {
    async count(): Promise<number> {
      const row = await db
        .selectFrom('users')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow();
      return row.n;
    },

    /** Enabled admins, the given user left out. */
    async countOtherAdmins(userId: string): Promise<number> {
      const row = await db
        .selectFrom('users')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .where('role', '=', 'admin')
        .where('disabled', '=', 0)
        .where('id', '!=', userId)
        .executeTakeFirstOrThrow();
      return row.n;
    },

    async byId(id: string): Promise<UserRecord | undefined> {
      const row = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toRecord(row);
    },

    async byEmail(email: string): Promise<UserRecord | undefined> {
      const row = await db.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirst();
      return row && toRecord(row);
    },

    /** In order of their making, those after the id `after`. */
    async list(limit: number, after?: string): Promise<UserRecord[]> {
      let query = db.selectFrom('users').selectAll().orderBy('id').limit(limit);
      if (after !== undefined) query = query.where('id', '>', after);
      return (await query.execute()).map(toRecord);
    },

    /** Throws AppError `resource.conflict` when the e-mail address is taken. */
    async insert(user: UserRecord): Promise<void> {
      try {
        await db
          .insertInto('users')
          .values({
            id: user.id,
            email: user.email,
            name: user.name,
            role: user.role,
            password_hash: user.passwordHash,
            disabled: user.disabled ? 1 : 0,
            created_at: user.createdAt,
            updated_at: user.updatedAt,
          })
          .execute();
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw new AppError('resource.conflict', 'There is a user with this e-mail address already', {
          pointer: '/email',
          cause: error,
        });
      }
    },

    async update(id: string, change: UserChange, at: string): Promise<void> {
      const columns: Updateable<Tables['users']> = { updated_at: at };
      if (change.name !== undefined) columns.name = change.name;
      if (change.role !== undefined) columns.role = change.role;
      if (change.disabled !== undefined) columns.disabled = change.disabled ? 1 : 0;
      if (change.passwordHash !== undefined) columns.password_hash = change.passwordHash;
      await db.updateTable('users').set(columns).where('id', '=', id).execute();
    },

    /** Sessions and API keys go with it. */
    async remove(id: string): Promise<void> {
      await db.deleteFrom('users').where('id', '=', id).execute();
    },
  };
}

export type UserStore = ReturnType<typeof userStore>;
