import fc from 'fast-check';
import type { DistinctSpec, QuerySpec } from '../../src/domain/query-spec.ts';
import { csvDifference } from '../support/oracle/csv.ts';
import { difference } from '../support/oracle/differences.ts';
import { oraclePivot, oraclePivotLong, type RowsAnswer } from '../support/oracle/pivot.ts';
import { oracleDistinct, oracleSpec } from '../support/oracle/spec.ts';
import type { OracleTable } from '../support/oracle/values.ts';
import {
  completePivot,
  completeSpec,
  conditionSpec,
  distinctSpec,
  type PivotDraft,
  pivotDraft,
  type SpecDraft,
  specDraft,
} from './arbitrary-request.ts';
import { longTable, table } from './arbitrary-table.ts';
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

const conditionCase = (spec: QuerySpec, data: OracleTable): Case => ({
  request: { kind: 'spec', spec },
  differs: (answer) => difference(answer, shaped(oracleSpec(data, spec, SETTINGS), 'json')),
});

const distinctCase = (spec: DistinctSpec, data: OracleTable): Case => ({
  request: { kind: 'distinct', spec },
  differs: (answer) => difference(answer, oracleDistinct(data, spec, SETTINGS)),
});

/** Every so many cases one runs in a real worker. */
const WORKER_SHARE = 8;

export interface Runs {
  seed: number;
  /** Each is asked several times. */
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

interface Check<T> {
  tables: fc.Arbitrary<OracleTable>;
  requests: fc.Arbitrary<T>;
  /** How many of them a table is asked. */
  each: number;
  caseOf(request: T, data: OracleTable): Case | undefined;
}

/** Throws with the smallest request found that differs; gives how many were compared. */
const checking =
  <T>({ tables, requests, each, caseOf }: Check<T>) =>
  async (harness: Harness, runs: Runs): Promise<number> => {
    const count = { asked: 0 };
    const property = fc.asyncProperty(
      tables,
      fc.array(requests, { minLength: each, maxLength: each }),
      (data, asked) =>
        compareAll(harness, (rows) => asked.map((request) => caseOf(request, rows)), data, count),
    );
    await fc.assert(property, { seed: runs.seed, numRuns: runs.tables, includeErrorInReport: true });
    return count.asked;
  };

const EACH = 3;
const CONDITIONS_EACH = 12;

/** The kinds of random requests that are compared with brute force. */
export const CHECKS = {
  pivots: checking({ tables: table, requests: pivotDraft, each: EACH, caseOf: pivotCase }),
  specs: checking({ tables: table, requests: specDraft, each: EACH, caseOf: specCase }),
  conditions: checking({
    tables: longTable,
    requests: conditionSpec,
    each: CONDITIONS_EACH,
    caseOf: conditionCase,
  }),
  distinct: checking({ tables: table, requests: distinctSpec, each: EACH, caseOf: distinctCase }),
} as const;
export type CheckName = keyof typeof CHECKS;
