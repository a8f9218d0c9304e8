import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { Lru } from '../base/lru.ts';
import type { DatasetSource } from '../domain/dataset.ts';
import type { DatasourceConnection } from '../domain/datasource.ts';
import type { PivotSpec } from '../domain/pivot-spec.ts';
import type { Principal } from '../domain/principal.ts';
import type { PivotFormat, QuerySummary, ReportedRange, RowFormat } from '../domain/query-result.ts';
import type { DistinctSpec, From, QuerySpec } from '../domain/query-spec.ts';
import type { SqlQuery } from '../domain/sql-query.ts';
import type { Answer, Engine, RunningQuery } from '../engine/engine.ts';
import {
  type Plan,
  type PlanOptions,
  planDistinct,
  planPivot,
  planSpec,
  planTimezone,
} from '../engine/plan.ts';
import type { Sources } from '../engine/sources.ts';
import { datasetSubject, type Origin, type Subject } from '../engine/subject.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Span } from '../telemetry/trace.ts';
import { CurrentColumns, type Make } from './current-columns.ts';
import { countingLimits } from './expression-limits.ts';
import type { Models } from './models.ts';
import { policyOf } from './policy.ts';

export type ResolveDataset = (nameOrId: string, pointer?: string) => Promise<DatasetSource>;
export type ResolveDatasource = (nameOrId: string, pointer?: string) => Promise<DatasourceConnection>;

/** The other processes that serve the same port. */
export interface Peers {
  running(): Promise<RunningQuery[]>;
  /** False when none of them runs it. */
  cancel(requestId: string, userId: string): Promise<boolean>;
}

export interface QueryServiceDeps {
  engine: Engine;
  peers?: Peers | undefined;
  resolveDataset: ResolveDataset;
  /** All datasets that a caller's own SQL may name. */
  listDatasets: () => Promise<DatasetSource[]>;
  resolveDatasource: ResolveDatasource;
  models: Pick<Models, 'subject' | 'shownSubject'>;
  sources: Sources;
  clock: Clock;
  metrics: Pick<Metrics, 'limitsHit'>;
  /** What a query is planned with, within at most so many seconds. */
  options: (timeoutS?: number) => PlanOptions;
}

/** What goes with a query beside its spec. */
export interface QueryRequest {
  principal: Principal;
  /** Names the query where the spec does not. */
  requestId: string;
  signal: AbortSignal;
  fresh: boolean;
  /** What the query is a part of, where it is traced. */
  span?: Span | undefined;
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

/** Statements of a plan are some ten times as long as its request; the memory is an estimate. */
const PLAN_BYTES_PER_CHARACTER = 20;
const PLAN_CACHE_BYTES = 16 << 20;

/** The gate that every query goes through: who asks, of what, under which policy, within which limits. */
export class QueryService {
  /** Null for one that is to be planned anew each time. */
  readonly #plans = new Lru<Plan | null>(PLAN_CACHE_BYTES);

  readonly #columns: CurrentColumns;

  constructor(readonly deps: QueryServiceDeps) {
    this.#columns = new CurrentColumns(deps.sources.facts);
  }

  async spec(spec: QuerySpec, format: RowFormat, request: QueryRequest): Promise<QueryAnswer> {
    const prepare = () => this.#prepare(spec, request.signal, request);
    const make: Make = (subject, options) =>
      this.#plan('spec', format, spec, subject, request, () => planSpec(spec, subject, format, options));
    return this.#columns.ask(prepare, make, (plan) => this.#ask(plan, spec, request));
  }

  async pivot(spec: PivotSpec, format: PivotFormat, request: QueryRequest): Promise<QueryAnswer> {
    const prepare = () => this.#prepare(spec, request.signal, request);
    const make: Make = (subject, options) =>
      this.#plan('pivot', format, spec, subject, request, () => planPivot(spec, subject, format, options));
    return this.#columns.ask(prepare, make, (plan) => this.#ask(plan, spec, request));
  }

  async distinct(spec: DistinctSpec, format: RowFormat, request: QueryRequest): Promise<QueryAnswer> {
    const prepare = () => this.#prepare(spec, request.signal, request);
    const make: Make = (subject, options) =>
      this.#plan('distinct', format, spec, subject, request, () =>
        planDistinct(spec, subject, format, options),
      );
    return this.#columns.ask(prepare, make, (plan) => this.#ask(plan, spec, request));
  }

  /** A caller's own SELECT, over a datasource or over datasets that it names as tables. */
  async sql(asked: SqlQuery, format: RowFormat, request: QueryRequest): Promise<QueryAnswer> {
    return this.#ask(await this.planSql(asked, format, request.signal), asked, request);
  }

  /** A caller's own SELECT as it would run, checked. */
  async planSql(asked: SqlQuery, format: RowFormat, signal: AbortSignal): Promise<Plan> {
    const { sources, resolveDatasource, listDatasets } = this.deps;
    const options = planTimezone(this.deps.options(asked.timeoutS), asked.timezone);
    if (asked.datasource === undefined)
      return sources.sqlOverDatasets(asked, await listDatasets(), format, options, signal);
    const connection = await resolveDatasource(asked.datasource, '/datasource');
    return sources.sqlOverDatasource(asked, connection, format, options, signal);
  }

  /** The time zone that a query goes by. AppError `request.invalid` for a zone of nowhere. */
  timezone(asked: string | undefined): string {
    return planTimezone(this.deps.options(), asked).timezone;
  }

  /** The columns of a source, by which a query over it may go. */
  async fields(from: From, signal: AbortSignal): Promise<Pick<Subject, 'origin' | 'columns'>> {
    const { origin, columns } = await this.#subject({ from }, signal);
    return { origin, columns };
  }

  /** What `spec` or `pivot` would run. */
  async explain(kind: 'spec' | 'pivot', spec: QuerySpec | PivotSpec, signal: AbortSignal) {
    const prepare = () => this.#prepare(spec, signal);
    const plan = await this.#columns.plan(prepare, (subject, options) =>
      countingLimits(this.deps.metrics, () =>
        kind === 'pivot'
          ? planPivot(spec as PivotSpec, subject, 'json', options)
          : planSpec(spec as QuerySpec, subject, 'json', options),
      ),
    );
    return {
      engine: plan.origin.engine,
      source: plan.origin.name,
      dataVersion: plan.origin.version,
      timezone: plan.timezone,
      ranges: plan.ranges,
      statements: shownStatements(plan),
    };
  }

  /** The queries of the caller that run, in whichever process; of everybody for an admin. */
  async running({ userId, scopes }: Principal): Promise<RunningQuery[]> {
    const { engine, peers } = this.deps;
    const all = [...engine.running(), ...((await peers?.running()) ?? [])];
    return scopes.includes('admin') ? all : all.filter((query) => query.userId === userId);
  }

  /** Ends a query of the caller, or of anybody for an admin. */
  async cancel(requestId: string, principal: Principal): Promise<void> {
    const { engine, peers } = this.deps;
    const found = (await this.running(principal)).filter((query) => query.requestId === requestId);
    const cancelled = await Promise.all(
      found.map(
        async ({ userId }) =>
          engine.cancel(requestId, userId) || (await peers?.cancel(requestId, userId)) === true,
      ),
    );
    if (!cancelled.includes(true))
      throw new AppError('resource.notFound', `No query ${JSON.stringify(requestId)} is running`);
  }

  /**
   * The plan of an equal request before, over the same version of a dataset; one that depends on the time of day is made anew. A request like no
   * other before is refused where it would find no room.
   */
  #plan(
    kind: 'spec' | 'pivot' | 'distinct',
    format: string,
    spec: AnySpec,
    { origin, connection, hidden }: Subject,
    { principal }: QueryRequest,
    make: () => Plan,
  ): Plan {
    const { engine, metrics } = this.deps;
    if (connection) return countingLimits(metrics, make);
    const asked = { ...spec, requestId: undefined, timeoutS: undefined };
    // A version of a dataset may come to stand in fewer files.
    const key = JSON.stringify([origin.version, hidden.length, kind, format, asked]);
    const known = this.#plans.get(key);
    if (known) return known;
    if (known === undefined) engine.refuseUnplanned(principal.userId, origin, kind);
    const plan = countingLimits(metrics, make);
    this.#plans.set(key, plan.readsClock ? null : plan, key.length * PLAN_BYTES_PER_CHARACTER);
    return plan;
  }

  async #prepare(
    spec: AnySpec,
    signal: AbortSignal,
    request?: QueryRequest,
  ): Promise<[Subject, PlanOptions]> {
    return [await this.#subject(spec, signal, request), this.deps.options(spec.timeoutS)];
  }

  /** Without a request the query is shown and not run. */
  async #subject(spec: AnySpec, signal: AbortSignal, request?: QueryRequest): Promise<Subject> {
    const { dataset, datasource, table, sql, params, model } = spec.from;
    if (model !== undefined) return this.#model(model, spec, signal, request);
    if ((dataset === undefined) === (datasource === undefined))
      throw badFrom('/from must have the field dataset, datasource or model');
    if (dataset !== undefined) {
      const more = Object.entries({ table, sql, params }).find(([, value]) => value !== undefined)?.[0];
      if (more) throw badFrom(`/from/${more} goes with a datasource`, `/from/${more}`);
      return datasetSubject(await this.deps.resolveDataset(dataset, '/from/dataset'));
    }
    if ((table === undefined) === (sql === undefined))
      throw badFrom('/from must have the field table or the field sql');
    if (params !== undefined && sql === undefined)
      throw badFrom('/from/params goes with sql', '/from/params');
    const { resolveDatasource, sources } = this.deps;
    const connection = await resolveDatasource(datasource!, '/from/datasource');
    return sql === undefined
      ? sources.table(connection, table!, signal)
      : sources.select(connection, sql, params ?? {}, signal);
  }

  #model(model: string, spec: AnySpec, signal: AbortSignal, request?: QueryRequest): Promise<Subject> {
    const { model: _, ...others } = spec.from;
    const more = Object.keys(others)[0];
    if (more) throw badFrom(`/from/${more} does not go with a model`, `/from/${more}`);
    if (!request) return this.deps.models.shownSubject(model, signal);
    const { principal, requestId, fresh } = request;
    return this.deps.models.subject(model, {
      userId: principal.userId,
      policy: policyOf(principal),
      requestId: spec.requestId ?? requestId,
      signal,
      fresh,
      timeoutS: spec.timeoutS,
    });
  }

  async #ask(
    plan: Plan,
    spec: { requestId?: string; timeoutS?: number },
    request: QueryRequest,
  ): Promise<QueryAnswer> {
    const policy = policyOf(request.principal);
    const requestId = spec.requestId ?? request.requestId;
    const { signal, fresh, principal } = request;
    const asked = {
      plan,
      policy,
      userId: principal.userId,
      requestId,
      timeoutS: spec.timeoutS,
      fresh,
      signal,
    };
    const answer = await traced(request.span, plan, () => this.deps.engine.ask(asked));
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
      warnings: [...plan.warnings, ...summary.cutBy.map((limit) => WARNINGS[limit])],
    });
    return { answer, plan, requestId, meta };
  }
}

const faultCode = (error: unknown) => (error instanceof AppError ? error.code : 'internal');

/** Runs a query as a part of the request's trace, from its turn to its last byte. */
async function traced(parent: Span | undefined, plan: Plan, ask: () => Promise<Answer>): Promise<Answer> {
  const span = parent?.child('query', {
    'db.system.name': plan.origin.engine,
    'reporting.query.kind': plan.kind,
    'reporting.source.id': plan.origin.id,
  });
  if (!span) return ask();
  try {
    const answer = await ask();
    answer.done.then(
      ({ rowCount }) => {
        span.set({ 'reporting.rows': rowCount, 'reporting.cache.hit': answer.cache.hit });
        span.end();
      },
      (error: unknown) => span.end(faultCode(error)),
    );
    return answer;
  } catch (error) {
    span.end(faultCode(error));
    throw error;
  }
}

const badFrom = (detail: string, pointer = '/from') => new AppError('request.invalid', detail, { pointer });

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
