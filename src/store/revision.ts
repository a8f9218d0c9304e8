import type { Db } from './database.ts';

/** The work in a transaction: the one that `db` is, or one of its own. */
export function atomically<T>(db: Db, work: (transaction: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}

/**
 * The next number of the counter `runs`, in a transaction; who has it holds the counter until the end, so numbers become visible in
 * order. Rows of queued runs are changed after it, those of running runs before it: so no two transactions wait for each other.
 */
export async function nextRevision(transaction: Db): Promise<number> {
  const { value } = await transaction
    .updateTable('counters')
    .set(({ eb }) => ({ value: eb('value', '+', 1) }))
    .where('name', '=', 'runs')
    .returning('value')
    .executeTakeFirstOrThrow();
  return Number(value);
}
