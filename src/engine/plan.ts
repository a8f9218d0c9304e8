import type { DatasetSource } from '../domain/dataset.ts';
import type { PivotSpec } from '../domain/pivot-spec.ts';
import type { PivotFormat, ReportedRange, RowFormat } from '../domain/query-result.ts';
import type { DistinctSpec, QuerySpec } from '../domain/query-spec.ts';
import type { Weekday } from '../domain/time.ts';
import { render } from '../sql/ast.ts';
import { refuseNotBuilt } from '../sql/built.ts';
import { duckdb } from '../sql/dialects/duckdb.ts';
import { compileDistinct } from '../sql/distinct.ts';
import { compilePivot } from '../sql/pivot.ts';
import { checkTimezone, columnsByName, type Scope } from '../sql/scope.ts';
import { compileSource } from '../sql/source.ts';
import { type CompiledQuery, compileSpec } from '../sql/spec.ts';
import type { Caps, QueryJob } from '../workers/query-job.ts';

export interface PlanOptions {
  timezone: string;
  weekStart: Weekday;
  nowMs: number;
  /** Those of an answer, and those of an exported file. */
  caps: Caps & { exportRows: number };
}

export type QueryKind = 'spec' | 'pivot' | 'distinct';

/** A query ready to run: what the worker gets, and what the answer will say of it. */
export interface Plan {
  kind: QueryKind;
  job: QueryJob;
  source: DatasetSource;
  timezone: string;
  ranges: ReportedRange[];
}

type AnySpec = QuerySpec | PivotSpec | DistinctSpec;

function scopeOf(spec: AnySpec, source: DatasetSource, options: PlanOptions): Scope {
  return {
    columns: columnsByName(source.columns),
    dialect: duckdb,
    timezone: spec.timezone === undefined ? options.timezone : checkTimezone(spec.timezone),
    weekStart: spec.weekStart ?? options.weekStart,
    nowMs: options.nowMs,
    ranges: [],
  };
}

function planned(kind: QueryKind, job: QueryJob, source: DatasetSource, scope: Scope): Plan {
  return { kind, job, source, timezone: scope.timezone, ranges: scope.ranges };
}

export function planPivot(
  spec: PivotSpec,
  source: DatasetSource,
  format: PivotFormat,
  options: PlanOptions,
): Plan {
  refuseNotBuilt(spec, 'pivot');
  const scope = scopeOf(spec, source, options);
  const program = compilePivot(spec, compileSource(source.files, duckdb), scope);
  const { rows, bytes, cells } = options.caps;
  return planned(
    'pivot',
    { kind: 'pivot', program, format, numbers: spec.numbers ?? 'exact', caps: { rows, bytes, cells } },
    source,
    scope,
  );
}

function rowCaps(format: RowFormat, { rows, bytes, cells, exportRows }: PlanOptions['caps']): Caps {
  return { rows: format === 'csv' ? exportRows : rows, bytes, cells };
}

/** One row past the cap is asked for, so that a cut is noticed. */
function pageOf(spec: QuerySpec | DistinctSpec, { rows }: Caps): { limit: number; offset: number } {
  return { limit: Math.min(spec.limit ?? Number.POSITIVE_INFINITY, rows + 1), offset: spec.offset ?? 0 };
}

export function planSpec(
  spec: QuerySpec,
  source: DatasetSource,
  format: RowFormat,
  options: PlanOptions,
): Plan {
  refuseNotBuilt(spec, 'spec');
  const scope = scopeOf(spec, source, options);
  const caps = rowCaps(format, options.caps);
  const compiled = compileSpec(spec, compileSource(source.files, duckdb), scope, pageOf(spec, caps));
  return planned('spec', rowsJob(compiled, spec, format, caps), source, scope);
}

export function planDistinct(
  spec: DistinctSpec,
  source: DatasetSource,
  format: RowFormat,
  options: PlanOptions,
): Plan {
  refuseNotBuilt(spec, 'distinct');
  const scope = scopeOf(spec, source, options);
  const caps = rowCaps(format, options.caps);
  const compiled = compileDistinct(spec, compileSource(source.files, duckdb), scope, pageOf(spec, caps));
  return planned('distinct', rowsJob(compiled, spec, format, caps), source, scope);
}

function rowsJob(
  { statement, columns, countStatement }: CompiledQuery,
  spec: AnySpec,
  format: RowFormat,
  caps: Caps,
): QueryJob {
  return {
    kind: 'rows',
    statement: render(statement, duckdb),
    columns,
    countStatement: countStatement && render(countStatement, duckdb),
    format,
    numbers: spec.numbers ?? 'exact',
    caps,
  };
}
