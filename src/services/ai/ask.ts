import Type, { type Static } from 'typebox';
import { checkFigures, type Figure } from '../../ai/figures.ts';
import { DATA_NOTE, LANGUAGE } from '../../ai/prompts/language.ts';
import { dataBlock, type SourceBrief, sourceBlock } from '../../ai/prompts/source.ts';
import type { AiMessage } from '../../ai/provider.ts';
import { AppError } from '../../base/errors.ts';
import { AI_ACCESS } from '../../domain/ai.ts';
import { AiChart, AiQuery, type AnyQuery } from '../../domain/ai-query.ts';
import { From } from '../../domain/query-spec.ts';
import { issues } from '../../domain/schema.ts';
import { askModel } from './ask-model.ts';
import type { GridResult, RowsResult } from './data.ts';
import { maskedTable } from './masked-table.ts';
import { queryFaults, queryOf } from './model-query.ts';
import { numbersOf, plainText, type QueryResult, tableOf } from './result-text.ts';
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

const QUERY_FIELDS = Object.keys(AiQuery.properties);

/** A query of an answer before, in the language that the model writes: nothing else of what was given leaves. */
function queryBefore(query: unknown, index: number): AiQuery | undefined {
  if (query === undefined) return undefined;
  const { kind, spec, ...plain } = Object(query) as Record<string, unknown>;
  const given = Object.entries({ ...plain, ...Object(spec), kind });
  const written = Object.fromEntries(given.filter(([name]) => QUERY_FIELDS.includes(name)));
  const [fault] = issues(AiQuery, written);
  if (!fault) return written as AiQuery;
  const pointer = `/history/${index}/query`;
  throw new AppError('request.invalid', `${pointer} must be the query of an answer: ${fault.message}`, {
    pointer,
  });
}

function readingMessages(
  brief: SourceBrief,
  { question, history = [] }: AskInput,
  today: string,
): AiMessage[] {
  const asked = history.map((one, index) => ({ ...one, query: queryBefore(one.query, index) }));
  const before = asked.length > 0 ? [dataBlock('Questions before, with their queries', asked)] : [];
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
    /** The date in a time zone. */
    readonly today: (timezone: string) => string,
  ) {}

  async ask(input: AskInput, request: AiRequestOf): Promise<AskResult> {
    const frame = { from: input.from, ...(input.timezone === undefined ? {} : { timezone: input.timezone }) };
    const today = this.today(this.tasks.deps.data.queries.timezone(input.timezone));
    return this.tasks.run<Omit<AskResult, 'meta'>>('ask', null, request, async (context) => {
      const brief = await this.tasks.brief(input.from, context);
      const reading = await askModel<Reading>(
        context,
        'reading',
        Reading,
        readingMessages(brief, input, today),
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
      context.progress?.step('running');
      const answer = await runQuery(query, context);
      const { chart = query.kind === 'pivot' ? 'pivot' : 'table', title = input.question.slice(0, 200) } =
        reading;
      const worded = await this.#word(input, brief, answer, context);
      const { result } = answer;
      const resultHash = String(result.meta.resultHash);
      return { kind: 'answer', ...worded, title, chart, query, assumptions, result, resultHash };
    }) as Promise<AskResult>;
  }

  async #word({ question, from }: AskInput, brief: SourceBrief, answer: QueryResult, context: AiTaskContext) {
    const table = tableOf(answer);
    const known = numbersOf(table);
    const given = `${question} ${JSON.stringify(brief.fields)}`;
    if (!context.session.settings.allowSampleRows) {
      const text = plainText(table);
      context.progress?.text(text);
      return {
        text,
        wordedBy: 'service' as const,
        figures: checkFigures(text, known, given, table.rowCount),
        figuresFound: true,
      };
    }
    const origins = await context.data.origins(from);
    const told = dataBlock('The result', maskedTable(this.tasks, answer, origins, MOST_ROWS_TOLD, context));
    const { text } = await askModel<{ text: string }>(context, 'wording', Wording, [
      { role: 'system', text: WORDING },
      { role: 'user', text: `${dataBlock('The question', question)}\n\n${told}` },
    ]);
    const figures = checkFigures(text, known, given, table.rowCount);
    return { text, wordedBy: 'model' as const, figures, figuresFound: figures.every(({ found }) => found) };
  }
}

/** Runs a query whole, under the asker's rights. */
export async function runQuery(
  query: AnyQuery,
  { data, query: request }: Pick<AiTaskContext, 'data' | 'query'>,
): Promise<QueryResult> {
  return query.kind === 'spec'
    ? { query, kind: 'spec', result: await data.rows(query.spec, request) }
    : { query, kind: 'pivot', result: await data.grid(query.spec, request) };
}
