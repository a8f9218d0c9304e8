import type { AiQuery, AnyQuery } from '../../domain/ai-query.ts';
import { PivotSpec } from '../../domain/pivot-spec.ts';
import { type From, QuerySpec } from '../../domain/query-spec.ts';
import { type Issue, parse } from '../../domain/schema.ts';
import { type AiData, faultOfQuery } from './data.ts';

/** What the asker decides and no model may: where from, and how time is told. */
export interface QueryFrame {
  from: From;
  timezone?: string;
}

const SPEC_ONLY = ['dimensions', 'having', 'order', 'limit'] as const;
const PIVOT_ONLY = ['rows', 'columns', 'totals'] as const;
const DEFAULT_LIMIT = 1000;
/** As many headers as people read; totals are over all. */
const DEFAULT_PAGE = { rows: { limit: DEFAULT_LIMIT }, columns: { limit: 100 } };

/** The query that a model wrote, as a stranger's request would be read. Throws AppErrors that point into what it wrote. */
export function queryOf({ kind, ...written }: AiQuery, { from, timezone }: QueryFrame): AnyQuery {
  const frame = { from, ...(timezone === undefined ? {} : { timezone }) };
  // Empty lists and objects are a model's way of leaving something out.
  const given = Object.fromEntries(
    Object.entries(written).filter(
      ([, value]) =>
        (value !== undefined && Object.keys(value as object).length > 0) || typeof value === 'number',
    ),
  );
  if (kind === 'spec') {
    const spec = parse(QuerySpec, { ...frame, ...given, limit: written.limit ?? DEFAULT_LIMIT });
    return { kind, spec };
  }
  const totals = written.totals ?? { rows: 'all', columns: 'all' };
  return { kind, spec: parse(PivotSpec, { ...frame, ...given, totals, page: DEFAULT_PAGE }) };
}

const strayFields = (query: AiQuery): Issue[] =>
  (query.kind === 'spec' ? PIVOT_ONLY : SPEC_ONLY)
    .filter((name) => query[name] !== undefined && Object.keys(Object(query[name])).length > 0)
    .map((name) => ({ pointer: `/${name}`, message: `does not go with a ${query.kind}` }));

/** What is wrong with a query of a model's, read and planned but not run. */
export async function queryFaults(
  query: AiQuery,
  frame: QueryFrame,
  data: AiData,
  at: string,
  signal: AbortSignal,
): Promise<Issue[]> {
  const stray = strayFields(query);
  if (stray.length > 0) return stray.map(({ pointer, message }) => ({ pointer: at + pointer, message }));
  try {
    await data.dryRun(queryOf(query, frame), signal);
    return [];
  } catch (error) {
    const { pointer, message } = faultOfQuery(error);
    return [{ pointer: at + pointer, message }];
  }
}
