import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { DatasetSource } from '../domain/dataset.ts';
import type { DatasourceConnection } from '../domain/datasource.ts';
import type { PivotSpec } from '../domain/pivot-spec.ts';
import type { Principal } from '../domain/principal.ts';
import type { PivotFormat, QuerySummary, ReportedRange, RowFormat } from '../domain/query-result.ts';
import type { DistinctSpec, From, QuerySpec } from '../domain/query-spec.ts';
import type { SqlParams, SqlQuery } from '../domain/sql-query.ts';
import type { Answer, Engine, RunningQuery } from '../engine/engine.ts';
import {
  type Plan,
  type PlanOptions,
  planDatasetSql,
  planDistinct,
  planPivot,
  planSpec,
  planSql,
} from '../engine/plan.ts';
import type { SourceRunner, TableName } from '../engine/source-runner.ts';
import {
  datasetSubject,
  type Origin,
  type Subject,
  selectSubject,
  tableSubject,
  type Zones,
} from '../engine/subject.ts';
import { render } from '../sql/ast.ts';
import { duckdb } from '../sql/dialects/duckdb.ts';
import { bindSelect } from '../sql/gate/bind-named.ts';
import { sourceOfSelect } from '../sql/gate/select-source.ts';
import { checkTimezone } from '../sql/scope.ts';
import { policyOf } from './policy.ts';

export type ResolveDataset = (nameOrId: string, pointer?: string) => Promise<DatasetSource>;
export type ResolveDatasource = (nameOrId: string, pointer?: string) => Promise<DatasourceConnection>;

export interface QueryServiceDeps {
  engine: Engine;
  resolveDataset: ResolveDataset;
  /** All datasets that a caller's own SQL may name. */
  listDatasets: () => Promise<DatasetSource[]>;
  resolveDatasource: ResolveDatasource;
  access: Pick<SourceRunner, 'columns' | 'describe' | 'check'>;
  zones: Zones;
  clock: Clock;
  defaults: Omit<PlanOptions, 'nowMs' | 'timeoutMs'>;
  timeoutS: number;
}

/** What goes with a query beside its spec. */
export interface QueryRequest {
  principal: Principal;
  /** Names the query where the spec does not. */
  requestId: string;
  signal: AbortSignal;
  fresh: boolean;
}

/** What an answer says of itself beside its rows. */
export interface Meta {
  requestId: string;
  rowCount: number;
  truncated: boolean;
  totalRows?: number;
  elapsedMs: number;
  cache: { hit: boolean; ageS: number };
  /** When the data was published (ISO 8601). */
  asOf: string;
  dataVersion: string;
  timezone: string;
  ranges: ReportedRange[];
  engine: Origin['engine'];
  /** Whether every value is exact: no approximate aggregation was used. */
  exact: boolean;
  policy: string;
  resultHash: string;
  warnings: string[];
}

export interface QueryAnswer {
  answer: Answer;
  plan: Plan;
  requestId: string;
  meta(summary: QuerySummary): Meta;
}

/** A statement that would run, without the places of files. */
export interface ShownStatement {
  text: string;
  params: unknown[];
}

const WARNINGS: Record<QuerySummary['cutBy'][number], string> = {
  QUERY_MAX_ROWS: 'The answer was cut at QUERY_MAX_ROWS rows',
  QUERY_MAX_BYTES: 'The answer was cut at QUERY_MAX_BYTES bytes',
  PIVOT_MAX_CELLS:
    'Details were cut so that the pivot has at most PIVOT_MAX_CELLS cells; totals are complete',
};

type AnySpec = QuerySpec | PivotSpec | DistinctSpec;

/** The gate that every query goes through: who asks, of what, under which policy, within which limits. */
export class QueryService {
  constructor(readonly deps: QueryServiceDeps) {}

  async spec(spec: QuerySpec, format: RowFormat, request: QueryRequest): Promise<QueryAnswer> {
    const [subject, options] = await this.#prepare(spec, request.signal);
    return this.#ask(planSpec(spec, subject, format, options), spec, request);
  }

  async pivot(spec: PivotSpec, format: PivotFormat, request: QueryRequest): Promise<QueryAnswer> {
    const [subject, options] = await this.#prepare(spec, request.signal);
    return this.#ask(planPivot(spec, subject, format, options), spec, request);
  }

  async distinct(spec: DistinctSpec, format: RowFormat, request: QueryRequest): Promise<QueryAnswer> {
    const [subject, options] = await this.#prepare(spec, request.signal);
    return this.#ask(planDistinct(spec, subject, format, options), spec, request);
  }

  /** A caller's own SELECT, over a datasource or over datasets that it names as tables. */
  async sql(asked: SqlQuery, format: RowFormat, request: QueryRequest): Promise<QueryAnswer> {
    const plan =
      asked.datasource === undefined
        ? await this.#overDatasets(asked, format, request.signal)
        : await this.#overDatasource(asked, asked.datasource, format, request.signal);
    return this.#ask(plan, asked, request);
  }

  /** What `spec` or `pivot` would run. */
  async explain(kind: 'spec' | 'pivot', spec: QuerySpec | PivotSpec, signal: AbortSignal) {
    const [subject, options] = await this.#prepare(spec, signal);
    const plan =
      kind === 'pivot'
        ? planPivot(spec as PivotSpec, subject, 'json', options)
        : planSpec(spec as QuerySpec, subject, 'json', options);
    return {
      engine: plan.origin.engine,
      source: plan.origin.name,
      dataVersion: plan.origin.version,
      timezone: plan.timezone,
      ranges: plan.ranges,
      statements: shownStatements(plan),
    };
  }

  /** The queries of the caller that run; of everybody for an admin. */
  running({ userId, scopes }: Principal): RunningQuery[] {
    const all = this.deps.engine.running();
    return scopes.includes('admin') ? all : all.filter((query) => query.userId === userId);
  }

  /** Ends a query of the caller, or of anybody for an admin. */
  cancel(requestId: string, principal: Principal): void {
    const found = this.running(principal).filter((query) => query.requestId === requestId);
    const cancelled = found.map(({ userId }) => this.deps.engine.cancel(requestId, userId));
    if (!cancelled.includes(true))
      throw new AppError('resource.notFound', `No query ${JSON.stringify(requestId)} is running`);
  }

  #options({ timezone, timeoutS }: { timezone?: string; timeoutS?: number }): PlanOptions {
    const { defaults, clock } = this.deps;
    const timeoutMs = Math.min(timeoutS ?? this.deps.timeoutS, this.deps.timeoutS) * 1000;
    return {
      ...defaults,
      ...(timezone === undefined ? {} : { timezone: checkTimezone(timezone) }),
      nowMs: clock.now(),
      timeoutMs,
    };
  }

  async #prepare(spec: AnySpec, signal: AbortSignal): Promise<[Subject, PlanOptions]> {
    return [await this.#subject(spec.from, signal), this.#options(spec)];
  }

  async #subject(from: From, signal: AbortSignal): Promise<Subject> {
    const { dataset, datasource, table, sql, params, model } = from;
    if (model !== undefined)
      throw new AppError('query.not_built', 'Queries from a model are not there yet', {
        pointer: '/from/model',
      });
    if ((dataset === undefined) === (datasource === undefined))
      throw new AppError('request.invalid', '/from must have the field dataset or the field datasource', {
        pointer: '/from',
      });
    if (dataset !== undefined) {
      const more = Object.entries({ table, sql, params }).find(([, value]) => value !== undefined)?.[0];
      if (more)
        throw new AppError('request.invalid', `/from/${more} goes with a datasource`, {
          pointer: `/from/${more}`,
        });
      return datasetSubject(await this.deps.resolveDataset(dataset, '/from/dataset'));
    }
    if ((table === undefined) === (sql === undefined))
      throw new AppError('request.invalid', '/from must have the field table or the field sql', {
        pointer: '/from',
      });
    const connection = await this.deps.resolveDatasource(datasource!, '/from/datasource');
    return sql === undefined
      ? this.#table(connection, table!, signal)
      : this.#select(connection, sql, params ?? {}, signal);
  }

  async #table(connection: DatasourceConnection, text: string, signal: AbortSignal): Promise<Subject> {
    const table = tableName(text);
    try {
      const columns = await this.deps.access.columns(connection, table, signal);
      return tableSubject(connection, table, columns, this.deps.zones);
    } catch (error) {
      if (error instanceof AppError && error.code === 'resource.notFound')
        throw new AppError('resource.notFound', `The datasource has no table ${JSON.stringify(text)}`, {
          pointer: '/from/table',
          cause: error,
        });
      throw error;
    }
  }

  async #select(
    connection: DatasourceConnection,
    text: string,
    params: SqlParams,
    signal: AbortSignal,
  ): Promise<Subject> {
    const { access, zones } = this.deps;
    const checked = await pointed('/from/sql', access.check(text, connection.engine, undefined, signal));
    const source = await pointed(
      '/from',
      Promise.resolve().then(() => sourceOfSelect(checked, params)),
      '/params',
    );
    const { dialect } = selectSubject(connection, source, [], zones);
    const columns = await access.describe(connection, render(bindSelect(checked, params), dialect), signal);
    return selectSubject(connection, source, columns, zones);
  }

  async #overDatasource(
    asked: SqlQuery,
    name: string,
    format: RowFormat,
    signal: AbortSignal,
  ): Promise<Plan> {
    const { access, zones, resolveDatasource } = this.deps;
    const connection = await resolveDatasource(name, '/datasource');
    const checked = await pointed('/sql', access.check(asked.sql, connection.engine, undefined, signal));
    const { dialect, ...subject } = tableSubject(connection, { name: 'none' }, [], zones);
    const statement = render(bindSelect(checked, asked.params ?? {}), dialect);
    return planSql(
      statement,
      undefined,
      subject,
      { format, numbers: asked.numbers ?? 'exact', limit: asked.limit },
      this.#options(asked),
    );
  }

  async #overDatasets(asked: SqlQuery, format: RowFormat, signal: AbortSignal): Promise<Plan> {
    const { access, listDatasets } = this.deps;
    const datasets = await listDatasets();
    const checked = await pointed(
      '/sql',
      access.check(
        asked.sql,
        'duckdb',
        datasets.map(({ name }) => name),
        signal,
      ),
    );
    const used = datasets.filter(({ name }) => checked.tables.some((table) => table.name === name));
    const statement = render(bindSelect(checked, asked.params ?? {}), duckdb);
    return planDatasetSql(
      statement,
      used,
      { format, numbers: asked.numbers ?? 'exact', limit: asked.limit },
      this.#options(asked),
    );
  }

  async #ask(
    plan: Plan,
    spec: { requestId?: string; timeoutS?: number },
    request: QueryRequest,
  ): Promise<QueryAnswer> {
    const policy = policyOf(request.principal);
    const requestId = spec.requestId ?? request.requestId;
    const { signal, fresh, principal } = request;
    const answer = await this.deps.engine.ask({
      plan,
      policy,
      userId: principal.userId,
      requestId,
      timeoutS: spec.timeoutS,
      fresh,
      signal,
    });
    const meta = (summary: QuerySummary): Meta => ({
      requestId,
      rowCount: summary.rowCount,
      truncated: summary.cutBy.length > 0,
      ...(summary.totalRows === undefined ? {} : { totalRows: summary.totalRows }),
      elapsedMs: answer.cache.hit ? 0 : summary.elapsedMs,
      cache: answer.cache,
      asOf: plan.origin.publishedAt ?? iso(this.deps.clock.now() - answer.cache.ageS * 1000),
      dataVersion: plan.origin.version,
      timezone: plan.timezone,
      ranges: plan.ranges,
      engine: plan.origin.engine,
      exact: true,
      policy,
      resultHash: summary.resultHash,
      warnings: summary.cutBy.map((limit) => WARNINGS[limit]),
    });
    return { answer, plan, requestId, meta };
  }
}

/** `schema.table` or `table`; a part in double quotes may hold anything. */
function tableName(text: string): TableName {
  const parts = [...text.matchAll(/"((?:[^"]|"")+)"(?:\.|$)|([^".]+)(?:\.|$)/gy)];
  const whole = parts.reduce((length, [part]) => length + part.length, 0);
  const [first, second] = parts.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!);
  if (whole !== text.length || text.endsWith('.') || parts.length > 2 || first === undefined)
    throw new AppError(
      'request.invalid',
      '/from/table must be a table, or a schema and a table, as in sales.orders or "my schema"."my table"',
      {
        pointer: '/from/table',
      },
    );
  return second === undefined ? { name: first } : { schema: first, name: second };
}

/** Adds to an error of a part of the request where that part stands. */
async function pointed<T>(pointer: string, work: Promise<T>, within = ''): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const at =
      error.pointer === undefined
        ? pointer
        : within === '' || error.pointer.startsWith(within)
          ? pointer + error.pointer
          : error.pointer;
    throw new AppError(error.code, error.message, {
      pointer: at,
      params: error.params,
      retryAfterS: error.retryAfterS,
      cause: error.cause,
    });
  }
}

/** Statements without the folders of files, which are nobody's business. */
function shownStatements({ job, subject }: Plan): ShownStatement[] {
  const clean = (text: string) =>
    subject.hidden.reduce((shown, [path, name]) => shown.replaceAll(path, name), text);
  const statements =
    job.kind === 'pivot'
      ? [...job.program.fetches.map(({ statement }) => statement), ...job.program.setup, ...job.program.cells]
      : [job.statement];
  return statements.map(({ text, params }) => ({
    text: clean(text),
    params: params.map((value) => (typeof value === 'bigint' ? String(value) : value)),
  }));
}
