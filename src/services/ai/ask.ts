import Type, { type Static } from 'typebox';
import { checkFigures, type Figure } from '../../ai/figures.ts';
import { DATA_NOTE, LANGUAGE } from '../../ai/prompts/language.ts';
import { dataBlock, type SourceBrief, sourceBlock } from '../../ai/prompts/source.ts';
import type { AiMessage } from '../../ai/provider.ts';
import { AI_ACCESS } from '../../domain/ai.ts';
import { AiChart, AiQuery } from '../../domain/ai-query.ts';
import { From } from '../../domain/query-spec.ts';
import { askModel } from './ask-model.ts';
import type { AnyQuery, GridResult, RowsResult } from './data.ts';
import { queryFaults, queryOf } from './model-query.ts';
import { numbersOf, plainText, type ResultTable, tableOfGrid, tableOfRows } from './result-text.ts';
import type { AiMeta, AiRequestOf, AiTaskContext, AiTasks } from './tasks.ts';

const closed = { additionalProperties: false } as const;
const Words = Type.String({ minLength: 1, maxLength: 4000 });

/** A question in any language about one source; `history` holds the questions before with the queries that answered them. */
export const AskInput = Type.Object(
  {
    ...AI_ACCESS,
    from: From,
    question: Words,
    history: Type.Optional(
      Type.Array(Type.Object({ question: Words, query: Type.Optional(Type.Unknown()) }, closed), {
        maxItems: 10,
      }),
    ),
    timezone: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  },
  closed,
);
export type AskInput = Static<typeof AskInput>;

const Reading = Type.Object(
  {
    answerable: Type.Boolean(),
    reason: Type.Optional(
      Type.String({ maxLength: 1000, description: 'Why it cannot be answered from this source' }),
    ),
    title: Type.Optional(Type.String({ maxLength: 200 })),
    query: Type.Optional(AiQuery),
    chart: Type.Optional(AiChart),
    assumptions: Type.Optional(Type.Array(Type.String({ maxLength: 500 }), { maxItems: 10 })),
  },
  closed,
);
type Reading = Static<typeof Reading>;

const Wording = Type.Object({ text: Type.String({ minLength: 1, maxLength: 4000 }) }, closed);

export type AskResult = { meta: AiMeta } & (
  | { kind: 'cannotAnswer'; reason: string; assumptions: string[] }
  | {
      kind: 'answer';
      text: string;
      /** Who wrote the text: the model, or the service where no values may leave. */
      wordedBy: 'model' | 'service';
      figures: Figure[];
      /** False where the text states a figure that is not in the result. */
      figuresFound: boolean;
      title: string;
      chart: AiChart;
      query: AnyQuery;
      assumptions: string[];
      result: RowsResult | GridResult;
      resultHash: string;
    }
);

const READING = `You turn a question about one table into one query that answers it.
${LANGUAGE}
If the table cannot answer the question, say {"answerable": false, "reason": …} in the language of the question; do not answer another question in its place. Otherwise give "query", a short "title", the fitting "chart", and as "assumptions" what you took for granted. You answer nothing yourself.
${DATA_NOTE}`;

const WORDING = `You word the answer to a question from the result of a query, in the language of the question, in at most five sentences. State only figures that stand in the result, as they stand there or rounded; compute none.
${DATA_NOTE}`;

const MOST_ROWS_TOLD = 50;

function readingMessages(
  brief: SourceBrief,
  { question, history = [] }: AskInput,
  today: string,
): AiMessage[] {
  const before = history.length > 0 ? [dataBlock('Questions before, with their queries', history)] : [];
  const text = [
    sourceBlock(brief),
    ...before,
    `Today is ${today}.`,
    dataBlock('The question', question),
  ].join('\n\n');
  return [
    { role: 'system', text: READING },
    { role: 'user', text },
  ];
}

/** Answers questions by queries that run under the asker's own rights; what the model writes is read like a stranger's request. */
export class Ask {
  constructor(
    readonly tasks: AiTasks,
    readonly today: () => string,
  ) {}

  async ask(input: AskInput, request: AiRequestOf): Promise<AskResult> {
    const frame = { from: input.from, ...(input.timezone === undefined ? {} : { timezone: input.timezone }) };
    return this.tasks.run<Omit<AskResult, 'meta'>>('ask', null, request, async (context) => {
      const brief = await this.tasks.brief(input.from, context);
      const reading = await askModel<Reading>(
        context,
        'reading',
        Reading,
        readingMessages(brief, input, this.today()),
        (written) => {
          if (!written.answerable)
            return written.reason ? [] : [{ pointer: '/reason', message: 'is needed' }];
          if (!written.query) return [{ pointer: '/query', message: 'is needed' }];
          return queryFaults(written.query, frame, context.data, '/query', context.session.signal);
        },
      );
      const { answerable, query: written, reason = '', assumptions = [] } = reading;
      if (!answerable || !written) return { kind: 'cannotAnswer', reason, assumptions };
      const query = queryOf(written, frame);
      const [result, table] = await runQuery(query, context);
      const { chart = query.kind === 'pivot' ? 'pivot' : 'table', title = input.question.slice(0, 200) } =
        reading;
      const worded = await this.#word(input.question, brief, table, context);
      const resultHash = String(result.meta.resultHash);
      return { kind: 'answer', ...worded, title, chart, query, assumptions, result, resultHash };
    }) as Promise<AskResult>;
  }

  async #word(question: string, brief: SourceBrief, table: ResultTable, context: AiTaskContext) {
    const known = numbersOf(table);
    const given = `${question} ${JSON.stringify(brief.fields)}`;
    if (!context.session.settings.allowSampleRows) {
      const text = plainText(table);
      return {
        text,
        wordedBy: 'service' as const,
        figures: checkFigures(text, known, given),
        figuresFound: true,
      };
    }
    const rows = this.tasks.masked(table.columns, table.rows.slice(0, MOST_ROWS_TOLD), context);
    const told = dataBlock('The result', { ...rows, rowCount: table.rowCount });
    const { text } = await askModel<{ text: string }>(context, 'wording', Wording, [
      { role: 'system', text: WORDING },
      { role: 'user', text: `${dataBlock('The question', question)}\n\n${told}` },
    ]);
    const figures = checkFigures(text, known, given);
    return { text, wordedBy: 'model' as const, figures, figuresFound: figures.every(({ found }) => found) };
  }
}

/** The answer of a query, and as a table. */
export async function runQuery(
  query: AnyQuery,
  { data, query: request }: Pick<AiTaskContext, 'data' | 'query'>,
): Promise<[RowsResult | GridResult, ResultTable]> {
  if (query.kind === 'spec') {
    const rows = await data.rows(query.spec, request);
    return [rows, tableOfRows(rows)];
  }
  const grid = await data.grid(query.spec, request);
  return [grid, tableOfGrid(grid)];
}
