import type { SourceBrief } from '../../ai/prompts/source.ts';
import { AppError } from '../../base/errors.ts';
import type { AnyQuery } from '../../domain/ai-query.ts';
import type { Model, ModelFrom, ModelMeasure } from '../../domain/model.ts';
import type { PivotSpec } from '../../domain/pivot-spec.ts';
import type { From, QuerySpec } from '../../domain/query-spec.ts';
import type { SqlQuery } from '../../domain/sql-query.ts';
import { collectText } from '../../engine/collect.ts';
import type { Models } from '../models.ts';
import type { QueryAnswer, QueryRequest, QueryService } from '../query.ts';
import { ColumnOrigins } from './column-origins.ts';
import type { SourceText, SourceTexts } from './source-texts.ts';

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

export type SourceFields = Omit<SourceBrief, 'sample'> & { id: string };

const NO_TEXT: SourceText = { columns: new Map() };

/** The whole JSON body of an answer, with its meta. */
async function whole<T>(query: QueryAnswer): Promise<T> {
  const { text, summary } = await collectText(query.answer);
  return JSON.parse(`${text},"meta":${JSON.stringify(query.meta(summary))}}`) as T;
}

interface Described {
  name: string;
  label: string;
  description?: string | undefined;
  synonyms?: readonly string[] | undefined;
}

const told = ({ name, label, description, synonyms = [] }: Described, comment?: string) => {
  const text = description ?? comment;
  return {
    name,
    label,
    ...(text === undefined ? {} : { description: text }),
    ...(synonyms.length === 0 ? {} : { synonyms }),
  };
};

const withText = (description: string | undefined) =>
  description === undefined || description === '' ? {} : { description };

/** What uses of AI may know of data: through the same door, and under the same rights, as any query of the asker's. */
export class AiData {
  constructor(
    readonly queries: QueryService,
    readonly models: Pick<Models, 'get' | 'fields'>,
    readonly texts: SourceTexts,
  ) {}

  async fields(from: From, signal: AbortSignal): Promise<SourceFields> {
    const { model, ...others } = from;
    const more = Object.keys(others)[0];
    if (model !== undefined && more !== undefined)
      throw new AppError('request.invalid', `/from/${more} does not go with a model`, {
        pointer: `/from/${more}`,
      });
    if (model !== undefined) return this.#ofModel(model, signal);
    const { origin, columns } = await this.queries.fields(from, signal);
    const text = await this.#textOf(from, signal);
    return {
      id: origin.id,
      name: origin.name,
      ...withText(text.description),
      fields: columns.map(({ name, type }) => ({ name, type, ...withText(text.columns.get(name)) })),
      measures: [],
    };
  }

  async #textOf({ dataset, datasource, table }: ModelFrom, signal: AbortSignal): Promise<SourceText> {
    if (dataset !== undefined) return this.texts.ofDataset(dataset);
    if (datasource === undefined || table === undefined) return NO_TEXT;
    return this.texts.ofTable(datasource, table, signal);
  }

  async #ofModel(nameOrId: string, signal: AbortSignal): Promise<SourceFields> {
    const model = await this.models.get(nameOrId);
    const { columns, dimensions, measures } = await this.models.fields(model.id, signal);
    const comments = await this.#commentsOf(model, signal);
    const fields = new Map([...columns, ...dimensions].map((field) => [field.name, field]));
    return {
      id: model.id,
      name: model.name,
      ...withText(model.description),
      fields: [...fields.values()]
        .filter((field) => !('hidden' in field && field.hidden))
        .map((field) => ({ type: field.type, ...told(field, comments.get(field.name)) })),
      measures: measures.filter(({ hidden }) => !hidden).map((measure) => told(measure)),
    };
  }

  /** A measure of a model. AppError `query.field` where it has none of the name. */
  async measure(model: string, name: string): Promise<ModelMeasure> {
    const { measures = [] } = await this.models.get(model);
    const found = measures.find((measure) => measure.name === name);
    if (found) return found;
    throw new AppError('query.field', `The model has no measure ${JSON.stringify(name)}`, {
      pointer: '/measure/measure',
      params: { measure: name },
    });
  }

  /** What the database says of the columns of a model's tables, where the model says nothing. */
  async #commentsOf({ from, joins = [] }: Model, signal: AbortSignal): Promise<Map<string, string>> {
    const { datasource } = from;
    if (datasource === undefined) return new Map();
    const base = (await this.#textOf(from, signal)).columns;
    const joined = await Promise.all(
      joins.map(async ({ as, table }) => {
        const { columns } = await this.#textOf({ datasource, ...(table ? { table } : {}) }, signal);
        return [...columns].map(([name, text]) => [`${as}.${name}`, text] as const);
      }),
    );
    return new Map([...base, ...joined.flat()]);
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
