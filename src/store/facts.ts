import type { Db } from './database.ts';

/** Facts of the installation, by name. */
export function factStore(db: Db) {
  return {
    async get(name: string): Promise<string | undefined> {
      const row = await db.selectFrom('facts').select('value').where('name', '=', name).executeTakeFirst();
      return row?.value;
    },

    async set(name: string, value: string): Promise<void> {
      await db
        .insertInto('facts')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute();
    },

    /** Sets it if it is still what the caller saw; says whether it did. */
    async change(name: string, before: string, value: string): Promise<boolean> {
      const { numUpdatedRows } = await db
        .updateTable('facts')
        .set({ value })
        .where('name', '=', name)
        .where('value', '=', before)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    /** Sets it where it is missing; gives the value in force, the same one to all processes. */
    async setOnce(name: string, value: string): Promise<string> {
      const row = await db
        .insertInto('facts')
        .values({ name, value })
        .onConflict((conflict) =>
          conflict.column('name').doUpdateSet(({ ref }) => ({ value: ref('facts.value') })),
        )
        .returning('value')
        .executeTakeFirstOrThrow();
      return row.value;
    },
  };
}

export type FactStore = ReturnType<typeof factStore>;
