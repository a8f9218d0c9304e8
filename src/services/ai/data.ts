import type { SourceBrief } from '../../ai/prompts/source.ts';
import { AppError } from '../../base/errors.ts';
import type { PivotSpec } from '../../domain/pivot-spec.ts';
import type { From, QuerySpec } from '../../domain/query-spec.ts';
import type { SqlQuery } from '../../domain/sql-query.ts';
import type { Models } from '../models.ts';
import type { QueryAnswer, QueryRequest, QueryService } from '../query.ts';

/** A query of the service's own language with its kind. */
export type AnyQuery = { kind: 'spec'; spec: QuerySpec } | { kind: 'pivot'; spec: PivotSpec };

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
      fields: [...fields.values()].map((field) => ({ type: field.type, ...told(field) })),
      measures: measures.filter(({ hidden }) => !hidden).map(told),
    };
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

  async checkSql(query: SqlQuery, signal: AbortSignal): Promise<void> {
    await this.queries.planSql(query, 'json', signal);
  }
}

/** A fault of what was written, as the writer needs it; any other error is thrown. */
export function faultOfQuery(error: unknown): { pointer: string; message: string } {
  if (!(error instanceof AppError) || !/^(?:query|request)\./.test(error.code)) throw error;
  if (['query.timeout', 'query.cancelled', 'request.aborted'].includes(error.code)) throw error;
  return { pointer: error.pointer ?? '', message: error.message };
}
