import Type, { type Static } from 'typebox';
import { checkFigures } from '../../ai/figures.ts';
import { DATA_NOTE } from '../../ai/prompts/language.ts';
import { dataBlock } from '../../ai/prompts/source.ts';
import { AppError } from '../../base/errors.ts';
import { AI_ACCESS } from '../../domain/ai.ts';
import { Filter } from '../../domain/filter.ts';
import { FieldName } from '../../domain/name.ts';
import { From, Measure, type QuerySpec } from '../../domain/query-spec.ts';
import { Range } from '../../domain/time.ts';
import { askModel } from './ask-model.ts';
import { type Contribution, contributionsOf } from './contributions.ts';
import type { AiRequestOf, AiTaskContext, AiTasks } from './tasks.ts';

const closed = { additionalProperties: false } as const;

/** What changed in a measure between two periods, and which members of which dimensions made the change. */
export const ExplainInput = Type.Object(
  {
    ...AI_ACCESS,
    from: From,
    measure: Measure,
    time: FieldName,
    before: Range,
    after: Range,
    dimensions: Type.Array(FieldName, { minItems: 1, maxItems: 10 }),
    where: Type.Optional(Filter),
    top: Type.Optional(Type.Integer({ minimum: 1, maximum: 50 })),
    timezone: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    language: Type.Optional(Type.String({ minLength: 2, maxLength: 40 })),
  },
  closed,
);
export type ExplainInput = Static<typeof ExplainInput>;

const Wording = Type.Object({ text: Type.String({ minLength: 1, maxLength: 4000 }) }, closed);
const DEFAULT_TOP = 5;
const MOST_MEMBERS = 10_000;
/** Only their changes add up to the change of the whole. */
const ADDITIVE = new Set(['sum', 'count']);

const TEXT = `You word what changed in a measure between two periods and what made the change, for people who know the business, in at most six sentences. State only figures that stand in the facts, as they stand there or rounded; compute none, and guess at no causes outside of them.
${DATA_NOTE}`;

interface Change {
  before: number | null;
  after: number | null;
  delta: number;
  ratio: number | null;
}

const numberOf = (value: unknown): number | null =>
  value === null || value === undefined ? null : Number(value);

function changeOf(before: number | null, after: number | null): Change {
  const delta = (after ?? 0) - (before ?? 0);
  return { before, after, delta, ratio: before === null || before === 0 ? null : delta / before };
}

function specOf(input: ExplainInput, dimensions: string[]): QuerySpec {
  const { from, measure, time, where, timezone } = input;
  const within = (range: Range) => ({ field: time, op: 'during' as const, range });
  const both = { or: [within(input.before), within(input.after)] };
  const measured = (range: Range, as: string) => ({
    ...measure,
    as,
    where: measure.where === undefined ? within(range) : { and: [measure.where, within(range)] },
  });
  return {
    from,
    dimensions: dimensions.map((field, i) => ({ field, as: `member_${i}` })),
    measures: [measured(input.before, 'before_value'), measured(input.after, 'after_value')],
    where: where === undefined ? both : { and: [where, both] },
    ...(timezone === undefined ? {} : { timezone }),
    ...(dimensions.length > 0 ? { limit: MOST_MEMBERS } : {}),
  };
}

async function facts(input: ExplainInput, context: AiTaskContext) {
  const { data, query } = context;
  const whole = await data.rows(specOf(input, []), query);
  const [row = []] = whole.rows;
  const change = changeOf(numberOf(row[0]), numberOf(row[1]));
  const contributions: { dimension: string; members: Contribution[]; truncated: boolean }[] = [];
  for (const dimension of input.dimensions) {
    const { rows } = await data.rows(specOf(input, [dimension]), query);
    const members = rows.map(([member, before, after]) => ({
      member,
      before: numberOf(before),
      after: numberOf(after),
    }));
    const top = contributionsOf(members, change.delta, input.top ?? DEFAULT_TOP);
    contributions.push({ dimension, members: top, truncated: rows.length >= MOST_MEMBERS });
  }
  return { change, contributions, ranges: whole.meta.ranges };
}

type Facts = Awaited<ReturnType<typeof facts>>;

const numbersOf = ({ change, contributions }: Facts): number[] =>
  [change, ...contributions.flatMap(({ members }) => members)].flatMap((one) =>
    Object.values(one).filter((value): value is number => typeof value === 'number'),
  );

const shown = (value: unknown) => (value === null ? '(none)' : String(value));

function plainText({ change, contributions }: Facts): string {
  const lines = contributions.flatMap(({ dimension, members }) =>
    members.map(
      ({ member, before, after, delta }) =>
        `- ${dimension} ${shown(member)}: ${shown(before)} → ${shown(after)} (${delta})`,
    ),
  );
  return [`${shown(change.before)} → ${shown(change.after)} (${change.delta})`, ...lines].join('\n');
}

/** The contributions are computed here, from rows; a model only words them, and only where values may leave. */
export function explainChange(tasks: AiTasks, input: ExplainInput, request: AiRequestOf) {
  const { agg } = input.measure;
  if (agg === undefined || !ADDITIVE.has(agg))
    throw new AppError(
      'request.invalid',
      'Contributions are told for sum and count: only their parts add up to the whole',
      {
        pointer: '/measure/agg',
      },
    );
  return tasks.run('explain', null, request, async (context) => {
    const found = await facts(input, context);
    if (!context.session.settings.allowSampleRows) {
      const text = plainText(found);
      return {
        text,
        wordedBy: 'service' as const,
        figures: checkFigures(text, numbersOf(found), ''),
        figuresFound: true,
        ...found,
      };
    }
    const told = tasks.masked(
      ['dimension', 'member', 'before', 'after', 'delta', 'share'],
      found.contributions.flatMap(({ dimension, members }) =>
        members.map(({ member, before, after, delta, share }) => [
          dimension,
          member,
          before,
          after,
          delta,
          share,
        ]),
      ),
      context,
    );
    const wish =
      input.language === undefined ? '' : `\n\nWrite in this language: ${JSON.stringify(input.language)}`;
    const text = `${dataBlock('The facts', { measure: input.measure, change: found.change, contributions: told, ranges: found.ranges })}${wish}`;
    const wording = await askModel<{ text: string }>(context, 'wording', Wording, [
      { role: 'system', text: TEXT },
      { role: 'user', text },
    ]);
    const figures = checkFigures(
      wording.text,
      numbersOf(found),
      JSON.stringify([input.before, input.after, found.ranges]),
    );
    return {
      text: wording.text,
      wordedBy: 'model' as const,
      figures,
      figuresFound: figures.every((one) => one.found),
      ...found,
    };
  });
}
