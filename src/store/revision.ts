import type { Db } from './database.ts';

/** The work in a transaction: the one that `db` is, or one of its own. */
export function atomically<T>(db: Db, work: (transaction: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}

/**
 * The next number of the counter `runs`, in a transaction. Transactions are alone (database.ts), and who has a number holds the counter
 * until its end: so numbers become visible in order.
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
