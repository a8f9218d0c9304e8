import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { DatasetSource } from '../domain/dataset.ts';
import type { PivotSpec } from '../domain/pivot-spec.ts';
import type { Principal } from '../domain/principal.ts';
import type { PivotFormat, QuerySummary, ReportedRange, RowFormat } from '../domain/query-result.ts';
import type { DistinctSpec, QuerySpec } from '../domain/query-spec.ts';
import type { Answer, Engine, RunningQuery } from '../engine/engine.ts';
import { type Plan, type PlanOptions, planDistinct, planPivot, planSpec } from '../engine/plan.ts';
import { policyOf } from './policy.ts';

export type ResolveDataset = (nameOrId: string, pointer?: string) => Promise<DatasetSource>;

export interface QueryServiceDeps {
  engine: Engine;
  resolveDataset: ResolveDataset;
  clock: Clock;
  defaults: Omit<PlanOptions, 'nowMs'>;
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
  engine: 'duckdb';
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
    const [source, options] = await this.#prepare(spec);
    return this.#ask(planSpec(spec, source, format, options), spec, request);
  }

  async pivot(spec: PivotSpec, format: PivotFormat, request: QueryRequest): Promise<QueryAnswer> {
    const [source, options] = await this.#prepare(spec);
    return this.#ask(planPivot(spec, source, format, options), spec, request);
  }

  async distinct(spec: DistinctSpec, format: RowFormat, request: QueryRequest): Promise<QueryAnswer> {
    const [source, options] = await this.#prepare(spec);
    return this.#ask(planDistinct(spec, source, format, options), spec, request);
  }

  /** What `spec` or `pivot` would run. */
  async explain(kind: 'spec' | 'pivot', spec: QuerySpec | PivotSpec) {
    const [source, options] = await this.#prepare(spec);
    const plan =
      kind === 'pivot'
        ? planPivot(spec as PivotSpec, source, 'json', options)
        : planSpec(spec as QuerySpec, source, 'json', options);
    return {
      engine: 'duckdb',
      dataset: source.name,
      dataVersion: dataVersion(source),
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

  async #prepare(spec: AnySpec): Promise<[DatasetSource, PlanOptions]> {
    const { resolveDataset, defaults, clock } = this.deps;
    const { dataset, ...others } = spec.from;
    const notBuilt = Object.entries(others).find(([, value]) => value !== undefined)?.[0];
    if (notBuilt)
      throw new AppError('query.not_built', `Queries from a ${notBuilt} are not there yet`, {
        pointer: `/from/${notBuilt}`,
      });
    if (dataset === undefined)
      throw new AppError('request.invalid', '/from must have the field dataset', { pointer: '/from' });
    return [await resolveDataset(dataset, '/from/dataset'), { ...defaults, nowMs: clock.now() }];
  }

  async #ask(plan: Plan, spec: AnySpec, request: QueryRequest): Promise<QueryAnswer> {
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
      asOf: plan.source.publishedAt,
      dataVersion: dataVersion(plan.source),
      timezone: plan.timezone,
      ranges: plan.ranges,
      engine: 'duckdb',
      exact: true,
      policy,
      resultHash: summary.resultHash,
      warnings: summary.cutBy.map((limit) => WARNINGS[limit]),
    });
    return { answer, plan, requestId, meta };
  }
}

const dataVersion = ({ id, generation }: DatasetSource) => `${id}@${generation}`;

/** Statements without the folders of files, which are nobody's business. */
function shownStatements({ job, source }: Plan): ShownStatement[] {
  const hidden = source.files.map((file) => [file, file.split('/').at(-1)!] as const);
  const clean = (text: string) => hidden.reduce((shown, [path, name]) => shown.replaceAll(path, name), text);
  const statements =
    job.kind === 'rows'
      ? [job.statement]
      : [...job.program.setup, ...job.program.cells.map(({ text, params }) => ({ text, params }))];
  return statements.map(({ text, params }) => ({
    text: clean(text),
    params: params.map((value) => (typeof value === 'bigint' ? String(value) : value)),
  }));
}
