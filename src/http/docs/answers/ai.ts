import Type from 'typebox';
import { AI_PROVIDERS, AI_TASKS } from '../../../domain/ai.ts';
import { AiChart } from '../../../domain/ai-query.ts';
import { PivotSpec } from '../../../domain/pivot-spec.ts';
import { QuerySpec } from '../../../domain/query-spec.ts';
import { SqlQuery } from '../../../domain/sql-query.ts';
import { AnyObject, Cell, Count, closed, orNull, Texts } from './parts.ts';
import { PivotGrid, RowsAnswer } from './queries.ts';

export const AiConfig = Type.Object(
  {
    configured: Type.Boolean(),
    provider: Type.Enum([...AI_PROVIDERS]),
    model: Type.String(),
    baseUrl: Type.String(),
    hasKey: Type.Boolean(),
    allowColumnNames: Type.Boolean(),
    allowSampleRows: Type.Boolean(),
    masking: Type.Object(
      {
        email: Type.Boolean(),
        phone: Type.Boolean(),
        card: Type.Boolean(),
        iban: Type.Boolean(),
        columns: Texts,
      },
      closed,
    ),
    dailyTokens: Type.Integer({ description: 'Tokens of one user in a day (UTC); 0 for no bound' }),
    models: Type.Object(
      Object.fromEntries(AI_TASKS.map((task) => [task, Type.Optional(Type.String())])),
      closed,
    ),
  },
  closed,
);

export const AiMeta = Type.Object(
  {
    requestId: Type.String(),
    provider: Type.String(),
    model: Type.String(),
    usage: Type.Object({ inputTokens: Count, outputTokens: Count }, closed),
    repairs: Type.Integer({ description: 'How often an answer of the model was sent back' }),
  },
  closed,
);

/** A query of the service's own language. */
export const AnyQuery = Type.Union([
  Type.Object({ kind: Type.Literal('spec'), spec: QuerySpec }, closed),
  Type.Object({ kind: Type.Literal('pivot'), spec: PivotSpec }, closed),
]);

export const Figure = Type.Object(
  {
    text: Type.String(),
    start: Count,
    end: Count,
    found: Type.Boolean({ description: 'Whether the figure stands in the result' }),
  },
  closed,
);

const WORDED = {
  text: Type.String(),
  wordedBy: Type.Enum(['model', 'service']),
  figures: Type.Array(Figure),
  figuresFound: Type.Boolean({
    description: 'False where the text states a figure that is not in the result',
  }),
};
const meta = AiMeta;

export const AiDescription = Type.Object(
  {
    source: Type.String(),
    text: Type.String(),
    columns: Type.Array(
      Type.Object({ name: Type.String(), description: Type.String(), synonyms: Texts }, closed),
    ),
    stored: Type.Optional(
      Type.Object(
        { model: Type.String(), version: Type.Integer(), described: Texts, kept: Texts },
        { ...closed, description: 'With `store`: the model, and which parts took a text or kept theirs' },
      ),
    ),
    meta,
  },
  closed,
);

export const AiPrompt = Type.Object({ prompt: Type.String(), notes: Texts, meta }, closed);

export const AiPlan = Type.Object(
  {
    steps: Type.Array(
      Type.Object({ kind: Type.String(), title: Type.String(), detail: Type.String() }, closed),
    ),
    meta,
  },
  closed,
);

export const AiWidgets = Type.Object(
  {
    widgets: Type.Array(
      Type.Object(
        { title: Type.String(), chart: AiChart, why: Type.Optional(Type.String()), query: AnyQuery },
        closed,
      ),
    ),
    meta,
  },
  closed,
);

export const AiAnswer = Type.Union([
  Type.Object(
    { kind: Type.Literal('cannotAnswer'), reason: Type.String(), assumptions: Texts, meta },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('answer'),
      ...WORDED,
      title: Type.String(),
      chart: AiChart,
      query: AnyQuery,
      assumptions: Texts,
      result: Type.Union([RowsAnswer, PivotGrid]),
      resultHash: Type.String(),
      meta,
    },
    closed,
  ),
]);

const MOVED = { before: Cell, after: Cell, delta: Cell, share: orNull(Type.Number()) };

export const AiExplanation = Type.Object(
  {
    ...WORDED,
    change: Type.Object({ before: Cell, after: Cell, delta: Cell, ratio: orNull(Type.Number()) }, closed),
    contributions: Type.Array(
      Type.Object(
        {
          dimension: Type.String(),
          truncated: Type.Boolean(),
          members: Type.Array(Type.Object({ member: Cell, ...MOVED }, closed)),
          others: orNull(Type.Object({ members: orNull(Count), ...MOVED }, closed)),
        },
        closed,
      ),
    ),
    ranges: Type.Unknown(),
    meta,
  },
  closed,
);

export const AiFix = Type.Union([
  Type.Object({ query: AnyQuery, changes: Type.String(), meta }, closed),
  Type.Object({ sql: SqlQuery, changes: Type.String(), meta }, closed),
]);

export const JsonRpcAnswer = Type.Object(
  {
    jsonrpc: Type.Literal('2.0'),
    id: orNull(Type.Union([Type.String(), Type.Number()])),
    result: Type.Optional(AnyObject),
    error: Type.Optional(AnyObject),
  },
  closed,
);
