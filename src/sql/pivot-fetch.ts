import type { SourceColumn } from '../domain/column.ts';
import type { PivotSpec } from '../domain/pivot-spec.ts';
import type { BuiltAggregation, Dimension, Measure, QuerySpec } from '../domain/query-spec.ts';
import type { Partial } from './aggregate.ts';
import { render, type Sql } from './ast.ts';
import { depthOf, type Fetch, levelTable, type Pivot } from './pivot-parts.ts';
import { plainMeasure } from './plain-measure.ts';
import type { Scope } from './scope.ts';
import { compileSpec } from './spec.ts';

/** The aggregation of the language that gives a partial. */
const AGGREGATION: Record<Partial['suffix'], BuiltAggregation> = {
  n: 'count',
  sum: 'sum',
  min: 'min',
  max: 'max',
};

/** Where nothing is grouped a database answers one row though there is none; this column tells. */
const ROW_COUNT = 'row_count';

/** Leaves the finest grain without groups where there are no rows. */
export const DROP_NO_GROUP = `DELETE FROM fine WHERE ${ROW_COUNT} = 0`;

/** Rows of a database: what stands after FROM, and what its statements need around them. */
export interface RemoteRows {
  source: Sql;
  finish(statement: Sql): Sql;
}

interface Named<T> {
  name: string;
  value: T;
}

const renamed = (dimension: Dimension, name: string): Dimension =>
  typeof dimension === 'string' ? { field: dimension, as: name } : { ...dimension, as: name };

/** Binary values are shown as their lengths, so a key goes before them that tells them apart. */
function withKeys(scope: Scope): Scope {
  const { dialect } = scope;
  const binary = dialect.binaryKey ?? dialect.shown.binary;
  return { ...scope, dialect: { ...dialect, shown: { ...dialect.shown, binary } } };
}

/** A grouping of the source's rows, asked for as a spec, so that it means what every spec means on that engine. */
function fetchOf(
  spec: PivotSpec,
  remote: RemoteRows,
  scope: Scope,
  { table, inTexts }: Pick<Fetch, 'table' | 'inTexts'>,
  dimensions: Named<Dimension>[],
  measures: Named<Measure>[],
): Fetch {
  const grouped: QuerySpec = {
    from: spec.from,
    ...(spec.where ? { where: spec.where } : {}),
    dimensions: dimensions.map(({ name, value }) => renamed(value, name)),
    measures: measures.map(({ name, value }) => ({ ...value, as: name })),
  };
  const compiled = compileSpec(grouped, remote.source, withKeys(scope), {
    limit: null,
    offset: 0,
    unordered: true,
  });
  const columns: SourceColumn[] = compiled.columns;
  return {
    statement: render(remote.finish(compiled.statement), scope.dialect),
    table,
    columns,
    names: columns.map(({ name }) => name),
    inTexts,
  };
}

function partialsOf(spec: PivotSpec, pivot: Pivot): Named<Measure>[] {
  return pivot.measures.flatMap((measure, m): Named<Measure>[] => {
    const asked = plainMeasure(spec.measures[m]!, `/measures/${m}`);
    if (!measure.decomposable) return [{ name: `m${m}_direct`, value: asked }];
    return measure.partials.map(({ suffix }) => ({
      name: `m${m}_${suffix}`,
      value: { ...asked, agg: AGGREGATION[suffix] },
    }));
  });
}

/**
 * What a pivot needs of a database: the finest grain, and for the measures that cannot be combined from it one grouping for each pair of
 * levels. `scope` and `remote` are the database's.
 */
export function compileFetches(
  spec: PivotSpec,
  pivot: Pivot,
  remote: RemoteRows,
  scope: Scope,
  pairs: readonly [number, number][],
): Fetch[] {
  const { inTexts } = pivot;
  const rows = (spec.rows ?? []).map((value, k) => ({ name: `r${k}`, value }));
  const columns = (spec.columns ?? []).map((value, k) => ({ name: `c${k}`, value }));
  const others = pivot.measures.flatMap(({ decomposable }, m) =>
    decomposable ? [] : [{ name: `m${m}_direct`, value: plainMeasure(spec.measures[m]!, `/measures/${m}`) }],
  );
  const counted =
    rows.length + columns.length === 0 ? [{ name: ROW_COUNT, value: { agg: 'count' } as const }] : [];
  const partials = [...partialsOf(spec, pivot), ...counted];
  const fine = fetchOf(spec, remote, scope, { table: 'fine', inTexts }, [...rows, ...columns], partials);
  const levels = pairs
    .filter(() => others.length > 0)
    .map(([row, column]) =>
      fetchOf(
        spec,
        remote,
        scope,
        { table: levelTable(row, column), inTexts },
        [...rows.slice(0, row), ...columns.slice(0, column)],
        others,
      ),
    );
  return [fine, ...levels];
}

/** Pairs of levels whose values a database is asked for: those with totals, and those by which an axis is sorted. */
export function fetchedPairs(pivot: Pivot, sorted: readonly [number, number][]): [number, number][] {
  const { rows, columns } = pivot;
  const shown = [...rows.totals, depthOf(rows)].flatMap((row) =>
    [...columns.totals, depthOf(columns)].map((column): [number, number] => [row, column]),
  );
  const finest = `${depthOf(rows)} ${depthOf(columns)}`;
  const all = new Map(sorted.map((pair) => [pair.join(' '), pair]));
  for (const pair of shown) if (pair.join(' ') !== finest) all.set(pair.join(' '), pair);
  return [...all.values()];
}
