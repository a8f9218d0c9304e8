import { AppError } from '../base/errors.ts';
import type { Claim } from '../domain/run.ts';
import type { Db } from './database.ts';

/** Throws `run.fenced` unless the run is still the claimant's; call it first in the transaction that writes what others will see. */
export async function fence(transaction: Db, { runId, number }: Claim): Promise<void> {
  const { numUpdatedRows } = await transaction
    .updateTable('runs')
    .set({ claim: number })
    .where('id', '=', runId)
    .where('claim', '=', number)
    .where('state', '=', 'running')
    .executeTakeFirst();
  if (numUpdatedRows === 0n)
    throw new AppError('run.fenced', 'The run belongs to another process by now, or has ended');
}
