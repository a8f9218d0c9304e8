import fc from 'fast-check';
import type { DistinctSpec } from '../../src/domain/query-spec.ts';
import { csvDifference } from '../support/oracle/csv.ts';
import { difference } from '../support/oracle/differences.ts';
import { oraclePivot, oraclePivotLong, type RowsAnswer } from '../support/oracle/pivot.ts';
import { oracleDistinct, oracleSpec } from '../support/oracle/spec.ts';
import type { OracleTable } from '../support/oracle/values.ts';
import {
  completePivot,
  completeSpec,
  distinctSpec,
  type PivotDraft,
  pivotDraft,
  type SpecDraft,
  specDraft,
} from './arbitrary-request.ts';
import { table } from './arbitrary-table.ts';
import { type Harness, type Request, SETTINGS } from './harness.ts';

interface Case {
  request: Request;
  /** Where the answer differs from brute force. */
  differs(answer: unknown): string | undefined;
  totalRows?: number | undefined;
}

function pivotCase(draft: PivotDraft, data: OracleTable): Case {
  const spec = completePivot(draft, data, SETTINGS);
  const { format } = draft;
  const differs = (answer: unknown) => {
    if (format === 'json') return difference(answer, oraclePivot(data, spec, SETTINGS));
    if (format === 'long') return difference(answer, oraclePivotLong(data, spec, SETTINGS));
    return csvDifference(String(answer), oraclePivotLong(data, { ...spec, numbers: 'exact' }, SETTINGS));
  };
  return { request: { kind: 'pivot', spec, format }, differs };
}

/** Rows in the shape that was asked for. */
function shaped({ columns, rows }: RowsAnswer, format: 'json' | 'objects' | 'columns'): unknown {
  if (format === 'json') return { columns, rows };
  if (format === 'columns') return { columns, data: columns.map((_, c) => rows.map((row) => row[c])) };
  return {
    columns,
    rows: rows.map((row) => Object.fromEntries(row.map((value, c) => [columns[c]!.name, value]))),
  };
}

function specCase(draft: SpecDraft, data: OracleTable): Case | undefined {
  const spec = completeSpec(draft, data, SETTINGS);
  if (!spec) return undefined;
  const { format } = draft;
  const { totalRows } = oracleSpec(data, spec, SETTINGS);
  const differs = (answer: unknown) =>
    format === 'csv'
      ? csvDifference(String(answer), oracleSpec(data, { ...spec, numbers: 'exact' }, SETTINGS))
      : difference(answer, shaped(oracleSpec(data, spec, SETTINGS), format));
  return {
    request: { kind: 'spec', spec, format },
    differs,
    totalRows: spec.totalRows ? totalRows : undefined,
  };
}

const distinctCase = (spec: DistinctSpec, data: OracleTable): Case => ({
  request: { kind: 'distinct', spec },
  differs: (answer) => difference(answer, oracleDistinct(data, spec, SETTINGS)),
});

/** Every so many cases one runs in a real worker. */
const WORKER_SHARE = 8;

export interface Runs {
  seed: number;
  /** Tables; each is asked three times. */
  tables: number;
}

async function compareAll(
  harness: Harness,
  cases: (data: OracleTable) => (Case | undefined)[],
  data: OracleTable,
  count: { asked: number },
): Promise<void> {
  const source = await harness.publish(data, data.rows.length % 5 === 4 ? 2 : 1);
  try {
    for (const one of cases(data)) {
      if (!one) continue;
      const inWorker = count.asked++ % WORKER_SHARE === 0;
      const { answer, summary } = await harness.ask(one.request, source, { inWorker });
      const found = one.differs(answer) ?? difference(summary.totalRows, one.totalRows);
      if (found !== undefined) throw new Error(`${found}\n${JSON.stringify(one.request)}`);
    }
  } finally {
    await harness.drop(source);
  }
}

async function check<T>(
  harness: Harness,
  requests: fc.Arbitrary<T>,
  caseOf: (request: T, data: OracleTable) => Case | undefined,
  { seed, tables }: Runs,
): Promise<number> {
  const count = { asked: 0 };
  await fc.assert(
    fc.asyncProperty(table, fc.array(requests, { minLength: 3, maxLength: 3 }), (data, asked) =>
      compareAll(harness, (rows) => asked.map((request) => caseOf(request, rows)), data, count),
    ),
    {
      seed,
      numRuns: tables,
      interruptAfterTimeLimit: 3_600_000,
      includeErrorInReport: true,
    } as fc.Parameters<[OracleTable, T[]]>,
  );
  return count.asked;
}

/** Compares random requests with the oracle; throws with the smallest one found that differs. Gives how many were asked. */
export const checkPivots = (harness: Harness, runs: Runs) => check(harness, pivotDraft, pivotCase, runs);
export const checkSpecs = (harness: Harness, runs: Runs) => check(harness, specDraft, specCase, runs);
export const checkDistinct = (harness: Harness, runs: Runs) =>
  check(harness, distinctSpec, distinctCase, runs);
