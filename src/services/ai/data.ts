import type { SourceBrief } from '../../ai/prompts/source.ts';
import { AppError } from '../../base/errors.ts';
import type { AnyQuery } from '../../domain/ai-query.ts';
import type { PivotSpec } from '../../domain/pivot-spec.ts';
import type { From, QuerySpec } from '../../domain/query-spec.ts';
import type { SqlQuery } from '../../domain/sql-query.ts';
import type { Models } from '../models.ts';
import type { QueryAnswer, QueryRequest, QueryService } from '../query.ts';
import { ColumnOrigins } from './column-origins.ts';

/** The whole answer of a spec. */
export interface RowsResult {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  meta: Record<string, unknown>;
}

/** The whole answer of a pivot, as the API has it. */
export interface GridResult {
  rows: { levels: string[]; members: unknown[][]; level: number[] };
  columns: { levels: string[]; members: unknown[][]; level: number[] };
  measures: { name: string; type: string }[];
  cells: unknown[][];
  meta: Record<string, unknown>;
}

export type SourceFields = Pick<SourceBrief, 'name' | 'fields' | 'measures'> & { id: string };

/** The whole JSON body of an answer, with its meta. */
async function whole<T>(query: QueryAnswer): Promise<T> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of query.answer.chunks()) text += decoder.decode(bytes, { stream: true });
  const meta = query.meta(await query.answer.done);
  return JSON.parse(`${text}${decoder.decode()},"meta":${JSON.stringify(meta)}}`) as T;
}

const told = ({
  name,
  label,
  description,
}: {
  name: string;
  label: string;
  description?: string | undefined;
}) => ({
  name,
  label,
  ...(description === undefined ? {} : { description }),
});

/** What uses of AI may know of data: through the same door, and under the same rights, as any query of the asker's. */
export class AiData {
  constructor(
    readonly queries: QueryService,
    readonly models: Pick<Models, 'get' | 'fields'>,
  ) {}

  async fields(from: From, signal: AbortSignal): Promise<SourceFields> {
    if (from.model !== undefined) return this.#ofModel(from.model, signal);
    const { origin, columns } = await this.queries.fields(from, signal);
    return {
      id: origin.id,
      name: origin.name,
      fields: columns.map(({ name, type }) => ({ name, type })),
      measures: [],
    };
  }

  async #ofModel(nameOrId: string, signal: AbortSignal): Promise<SourceFields> {
    const { id, name } = await this.models.get(nameOrId);
    const { columns, dimensions, measures } = await this.models.fields(id, signal);
    const fields = new Map([...columns, ...dimensions].map((field) => [field.name, field]));
    return {
      id,
      name,
      fields: [...fields.values()]
        .filter((field) => !('hidden' in field && field.hidden))
        .map((field) => ({ type: field.type, ...told(field) })),
      measures: measures.filter(({ hidden }) => !hidden).map(told),
    };
  }

  /** Where the values of columns of answers over the source come from. */
  async origins(from: From): Promise<ColumnOrigins> {
    return new ColumnOrigins(from, from.model === undefined ? undefined : await this.models.get(from.model));
  }

  /** Some rows, as the asker may see them. */
  async sample(
    from: From,
    names: readonly string[],
    limit: number,
    request: QueryRequest,
  ): Promise<RowsResult> {
    const spec: QuerySpec = { from, dimensions: [...names], limit };
    return this.rows(spec, request);
  }

  async rows(spec: QuerySpec, request: QueryRequest): Promise<RowsResult> {
    return whole(await this.queries.spec(spec, 'json', request));
  }

  async grid(spec: PivotSpec, request: QueryRequest): Promise<GridResult> {
    return whole(await this.queries.pivot(spec, 'json', request));
  }

  /** Throws what the query itself would throw before it runs. */
  async dryRun({ kind, spec }: AnyQuery, signal: AbortSignal): Promise<void> {
    await this.queries.explain(kind, spec, signal);
  }

  /** Throws what a SELECT would throw before it gives a row: names and types are bound by the engine, no row is read. */
  async checkSql(query: SqlQuery, request: QueryRequest): Promise<void> {
    const { datasource, sql, params } = query;
    await this.queries.planSql(query, 'json', request.signal);
    if (datasource !== undefined) {
      await this.queries.fields({ datasource, sql, ...(params ? { params } : {}) }, request.signal);
      return;
    }
    const empty = `SELECT * FROM (${sql.replace(/;\s*$/, '')}\n) AS q LIMIT 0`;
    await whole(await this.queries.sql({ ...query, sql: empty }, 'json', request));
  }
}

/** A fault of what was written, as the writer needs it; any other error is thrown. */
export function faultOfQuery(error: unknown): { pointer: string; message: string } {
  if (!(error instanceof AppError) || !/^(?:query|request)\./.test(error.code)) throw error;
  if (['query.timeout', 'query.cancelled', 'request.aborted'].includes(error.code)) throw error;
  return { pointer: error.pointer ?? '', message: error.message };
}
