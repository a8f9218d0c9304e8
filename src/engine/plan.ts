import type { Column } from '../domain/column.ts';
import type { DatasetSource } from '../domain/dataset.ts';
import type { PivotSpec } from '../domain/pivot-spec.ts';
import type { Numbers, PivotFormat, ReportedRange, RowFormat } from '../domain/query-result.ts';
import type { DistinctSpec, QuerySpec } from '../domain/query-spec.ts';
import { render, type Sql, type Statement } from '../sql/ast.ts';
import { refuseNotBuilt } from '../sql/built.ts';
import { duckdb } from '../sql/dialects/duckdb.ts';
import { compileDistinct } from '../sql/distinct.ts';
import type { ModelParts } from '../sql/model/model-parts.ts';
import { modelRows } from '../sql/model/model-rows.ts';
import { openModel } from '../sql/model/model-scope.ts';
import { compilePivot, compileRemotePivot, type PivotProgram } from '../sql/pivot.ts';
import { checkTimezone, type Scope } from '../sql/scope.ts';
import { type CompiledQuery, compileSpec } from '../sql/spec.ts';
import type { Caps, PivotJob, QueryJob, RowsJob } from '../workers/query-job.ts';
import type { SourceQuery } from '../workers/source-job.ts';
import {
  type AnySpec,
  type CompiledOver,
  compileOver,
  type ScopeDefaults,
  scopeBase,
} from './compile-over.ts';
import { datasetSubject, type Origin, type Subject } from './subject.ts';

export interface PlanOptions extends ScopeDefaults {
  /** After which a database itself ends a statement. */
  timeoutMs: number;
  /** Those of an answer, and those of an exported file. */
  caps: Caps & { exportRows: number };
}

export type QueryKind = 'spec' | 'pivot' | 'distinct' | 'sql' | 'preview' | 'keys';

/** A query ready to run: what a worker gets, and what the answer will say of it. */
export interface Plan {
  kind: QueryKind;
  job: QueryJob | SourceQuery;
  subject: Pick<Subject, 'connection' | 'hidden' | 'files'>;
  origin: Origin;
  timezone: string;
  ranges: ReportedRange[];
  /** Whether it would be another one at another time. */
  readsClock: boolean;
  /** What the answer must say beside its rows. */
  warnings: string[];
}

function planned(
  kind: QueryKind,
  job: RowsJob | PivotJob,
  subject: Subject,
  { scope, warnings }: Pick<CompiledOver<unknown>, 'scope' | 'warnings'>,
  { timeoutMs }: Pick<PlanOptions, 'timeoutMs'>,
): Plan {
  const { connection, hidden, files, origin } = subject;
  return {
    kind,
    job: connection ? { ...job, timeoutMs } : job,
    subject: { connection, hidden, files },
    origin,
    timezone: scope.timezone,
    ranges: scope.ranges,
    readsClock: scope.ranges.length > 0 || (scope.clockReads ?? []).length > 0,
    warnings,
  };
}

export function planPivot(
  spec: PivotSpec,
  subject: Subject,
  format: PivotFormat,
  options: PlanOptions,
): Plan {
  const over = compileOver(spec, subject, options, (asked, source, scope) => {
    refuseNotBuilt(asked, 'pivot');
    const { connection, finish } = subject;
    if (!connection) return { program: compilePivot(asked, source, scope) };
    const remote = (given: Scope, isInTexts: boolean) =>
      compileRemotePivot(asked, { source, finish }, given, { ...scope, ranges: [] }, isInTexts);
    return { program: remote(scope, false), inTexts: remote({ ...scope, ranges: [] }, true) };
  });
  const { program, inTexts } = over.compiled;
  const { rows, bytes, cells } = options.caps;
  const job: PivotJob = {
    kind: 'pivot',
    program: describedPivot(program, over.described),
    ...(inTexts ? { inTexts: describedPivot(inTexts, over.described) } : {}),
    format,
    numbers: spec.numbers ?? 'exact',
    caps: { rows, bytes, cells },
  };
  return planned('pivot', job, subject, over, options);
}

function describedPivot(program: PivotProgram, described: CompiledOver<unknown>['described']): PivotProgram {
  const axis = (name: 'rows' | 'columns') => ({
    ...program[name],
    dimensions: program[name].dimensions.map(described),
  });
  return {
    ...program,
    rows: axis('rows'),
    columns: axis('columns'),
    measures: program.measures.map(described),
  };
}

function rowCaps(format: RowFormat, { rows, bytes, cells, exportRows }: PlanOptions['caps']): Caps {
  return { rows: format === 'csv' ? exportRows : rows, bytes, cells };
}

/** One row past the cap is asked for, so that a cut is noticed. */
function pageOf(spec: QuerySpec | DistinctSpec, { rows }: Caps): { limit: number; offset: number } {
  return { limit: Math.min(spec.limit ?? Number.POSITIVE_INFINITY, rows + 1), offset: spec.offset ?? 0 };
}

export function planSpec(spec: QuerySpec, subject: Subject, format: RowFormat, options: PlanOptions): Plan {
  const caps = rowCaps(format, options.caps);
  const over = compileOver(spec, subject, options, (asked, source, scope) => {
    refuseNotBuilt(asked, 'spec');
    return compileSpec(asked, source, scope, pageOf(asked, caps));
  });
  return planned('spec', rowsJob(over, subject, spec, format, caps), subject, over, options);
}

export function planDistinct(
  spec: DistinctSpec,
  subject: Subject,
  format: RowFormat,
  options: PlanOptions,
): Plan {
  const caps = rowCaps(format, options.caps);
  const over = compileOver(spec, subject, options, (asked, source, scope): CompiledQuery => {
    refuseNotBuilt(asked, 'distinct');
    return compileDistinct(asked, source, scope, pageOf(asked, caps));
  });
  return planned('distinct', rowsJob(over, subject, spec, format, caps), subject, over, options);
}

/** The first rows of a model with all its columns. */
export function planModelRows(
  subject: Subject & { model: ModelParts },
  limit: number,
  options: PlanOptions,
): Plan {
  const model = openModel(subject.model, scopeBase({}, subject, options));
  const caps = { ...rowCaps('json', options.caps), rows: limit };
  const over = { compiled: modelRows(model, limit), scope: model.scope, warnings: [] };
  const job = rowsJob({ ...over, described: (column) => column }, subject, {}, 'json', caps);
  return planned('preview', job, subject, over, options);
}

/** Has the database plan the rows of a model without reading them; undefined where what it understands it can also plan. */
export function planModelCheck(
  subject: Subject & { model: ModelParts },
  options: PlanOptions,
): Plan | undefined {
  const plan = planModelRows(subject, 1, options);
  const { explain } = subject.dialect;
  if (!explain || plan.job.kind !== 'rows') return undefined;
  const { rows, bytes, cells } = options.caps;
  const columns: Column[] = [{ name: 'plan', type: 'text' }];
  const job = { ...plan.job, statement: explain(plan.job.statement), columns, caps: { rows, bytes, cells } };
  return { ...plan, job };
}

function rowsJob(
  { compiled, described }: Pick<CompiledOver<CompiledQuery>, 'compiled' | 'described'>,
  subject: Subject,
  spec: Pick<AnySpec, 'numbers'>,
  format: RowFormat,
  caps: Caps,
): RowsJob {
  const { statement, columns, countStatement } = compiled;
  const finished = (fragment: Sql): Statement => render(subject.finish(fragment), subject.dialect);
  return {
    kind: 'rows',
    statement: finished(statement),
    columns: columns.map(described),
    countStatement: countStatement && finished(countStatement),
    format,
    numbers: spec.numbers ?? 'exact',
    caps,
  };
}

export interface SqlFormat {
  format: RowFormat;
  numbers: Numbers;
  limit: number | undefined;
}

/** A caller's own statement, checked and bound. Without `columns` the database says what comes. */
export function planSql(
  statement: Statement,
  columns: Column[] | undefined,
  subject: Pick<Subject, 'connection' | 'hidden' | 'files' | 'origin'>,
  { format, numbers, limit }: SqlFormat,
  options: PlanOptions,
): Plan {
  const all = rowCaps(format, options.caps);
  const caps = { ...all, rows: Math.min(all.rows, limit ?? all.rows) };
  const rows = { kind: 'rows', statement, countStatement: undefined, format, numbers, caps } as const;
  const job = subject.connection
    ? { ...rows, columns, timeoutMs: options.timeoutMs }
    : { ...rows, columns: columns! };
  const { timezone } = options;
  const { origin } = subject;
  return { kind: 'sql', job, subject, origin, timezone, ranges: [], readsClock: false, warnings: [] };
}

/** A caller's own statement over datasets, checked and bound; `datasets` are those that it names. */
export function planDatasetSql(
  statement: Statement,
  datasets: readonly DatasetSource[],
  { format, numbers, limit }: SqlFormat,
  options: PlanOptions,
): Plan {
  const all = rowCaps(format, options.caps);
  const caps = { ...all, rows: Math.min(all.rows, limit ?? all.rows) };
  const subjects = datasets.map(datasetSubject);
  const tables = subjects.map(({ origin, source }) => ({
    name: origin.name,
    source: render(source, duckdb).text,
  }));
  const [first] = subjects;
  const origin: Origin = {
    id: subjects.map(({ origin: { id } }) => id).join(','),
    name: subjects.map(({ origin: { name } }) => name).join(', '),
    engine: 'duckdb',
    version: subjects.map(({ origin: { version } }) => version).join(','),
    publishedAt: first ? subjects.map(({ origin: { publishedAt } }) => publishedAt!).sort()[0] : undefined,
    cacheTtlS: undefined,
  };
  const files = subjects.flatMap((subject) => subject.files);
  const { timezone } = options;
  const job: QueryJob = { kind: 'sql', statement, tables, files, format, numbers, caps, timezone };
  const hidden = subjects.flatMap((subject) => subject.hidden);
  return {
    kind: 'sql',
    job,
    subject: { connection: undefined, hidden, files },
    origin,
    timezone,
    ranges: [],
    readsClock: false,
    warnings: [],
  };
}

/** Options with a request's own time zone; AppError `request.invalid` for a zone of nowhere. */
export const planTimezone = (options: PlanOptions, timezone: string | undefined): PlanOptions =>
  timezone === undefined ? options : { ...options, timezone: checkTimezone(timezone) };
