import { expect } from 'bun:test';
import type { PivotSpec } from '../../src/domain/pivot-spec.ts';
import { difference } from '../support/oracle/differences.ts';
import { oraclePivot, type PivotAnswer } from '../support/oracle/pivot.ts';
import type { OracleColumn, OracleTable, Value } from '../support/oracle/values.ts';
import { type Harness, type Outcome, SETTINGS } from './harness.ts';

/** A table from rows as arrays. */
export function tableOf(columns: readonly OracleColumn[], rows: readonly (readonly Value[])[]): OracleTable {
  return {
    columns,
    rows: rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null]))),
  };
}

export interface Asked extends Pick<Outcome, 'summary'> {
  answer: PivotAnswer;
}

/** The answer of a pivot in a real worker, after it was compared with brute force. */
export async function pivotIn(
  harness: Harness,
  table: OracleTable,
  pivot: Omit<PivotSpec, 'from'>,
): Promise<Asked> {
  const spec: PivotSpec = { from: { dataset: 'test' }, ...pivot };
  const source = await harness.publish(table);
  const { answer, summary } = await harness.ask({ kind: 'pivot', spec }, source, { inWorker: true });
  await harness.drop(source);
  expect(difference(answer, oraclePivot(table, spec, SETTINGS))).toBeUndefined();
  return { answer: answer as PivotAnswer, summary };
}

/** Cells of the header whose path is given, as one flat row. */
export function rowOf({ answer }: Asked, path: readonly unknown[]): unknown[] {
  const at = answer.rows.members.findIndex((members) => JSON.stringify(members) === JSON.stringify(path));
  if (at < 0) throw new Error(`there is no row ${JSON.stringify(path)}`);
  return answer.cells[at]!;
}
