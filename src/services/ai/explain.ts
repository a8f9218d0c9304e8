import Type, { type Static } from 'typebox';
import { checkFigures, numbersIn } from '../../ai/figures.ts';
import type { ColumnNames } from '../../ai/masking.ts';
import { DATA_NOTE } from '../../ai/prompts/language.ts';
import { dataBlock, languageBlock } from '../../ai/prompts/source.ts';
import { AI_ACCESS } from '../../domain/ai.ts';
import { askModel } from './ask-model.ts';
import { additiveChange, CHANGE, type ChangeFacts, changeFacts } from './change-facts.ts';
import type { Moved } from './contributions.ts';
import type { AiRequestOf, AiTaskContext, AiTasks } from './tasks.ts';

const closed = { additionalProperties: false } as const;

/** What changed in a measure between two periods, and which members of which dimensions made the change. */
export const ExplainInput = Type.Object(
  { ...AI_ACCESS, ...CHANGE, language: Type.Optional(Type.String({ minLength: 2, maxLength: 40 })) },
  closed,
);
export type ExplainInput = Static<typeof ExplainInput>;

const Wording = Type.Object({ text: Type.String({ minLength: 1, maxLength: 4000 }) }, closed);
const TEXT = `You word what changed in a measure between two periods and what made the change, for people who know the business, in at most six sentences. State only figures that stand in the facts, as they stand there or rounded; compute none, and guess at no causes outside of them.
${DATA_NOTE}`;

const numbersOf = ({ change, contributions }: ChangeFacts): number[] =>
  [
    change,
    ...contributions.flatMap(({ members, others }) => (others === null ? members : [...members, others])),
  ].flatMap((one) => Object.values(one).flatMap(numbersIn));

/** As many places as the longest order has. */
const placesOf = ({ contributions }: ChangeFacts) =>
  Math.max(...contributions.map(({ members }) => members.length));

const shown = (value: unknown) => (value === null ? '(none)' : String(value));
const wayOf = ({ before, after, delta }: Pick<Moved, 'before' | 'after' | 'delta'>) =>
  `${shown(before)} → ${shown(after)} (${delta})`;

function plainText({ change, contributions }: ChangeFacts): string {
  const lines = contributions.flatMap(({ dimension, members, others }) => [
    ...members.map((one) => `- ${dimension} ${shown(one.member)}: ${wayOf(one)}`),
    ...(others === null ? [] : [`- ${dimension}, all others: ${wayOf(others)}`]),
  ]);
  return [wayOf(change), ...lines].join('\n');
}

/** The facts as they may leave: members and figures by the rules for the dimension and the measure that they are of. */
async function toldFacts(tasks: AiTasks, input: ExplainInput, facts: ChangeFacts, context: AiTaskContext) {
  const origins = await context.data.origins(input.from);
  const figure = origins.of(input.measure);
  const masked = (names: readonly ColumnNames[], rows: unknown[][]) => tasks.masked(names, rows, context);
  const { before, after, delta, ratio } = facts.change;
  const figures = ({ before, after, delta, share }: Moved) => [before, after, delta, share];
  const contributions = facts.contributions.map(({ dimension, members, others }) => ({
    dimension,
    columns: ['member', 'before', 'after', 'delta', 'share'],
    rows: masked(
      [origins.of(dimension), figure, figure, figure, 'share'],
      members.map((one) => [one.member, ...figures(one)]),
    ),
    ...(others === null
      ? {}
      : { allOthers: masked([figure, figure, figure, 'share'], [figures(others)])[0] }),
  }));
  context.left.rows += 1 + contributions.reduce((sum, { rows }) => sum + rows.length, 0);
  const [change] = masked([figure, figure, figure, 'ratio'], [[before, after, delta, ratio]]);
  return {
    measure: input.measure,
    change: { columns: ['before', 'after', 'delta', 'ratio'], row: change },
    contributions,
    ranges: facts.ranges,
  };
}

/** The contributions are computed here, from rows; a model only words them, and only where values may leave. */
export async function explainChange(tasks: AiTasks, input: ExplainInput, request: AiRequestOf) {
  const change = await additiveChange(input, tasks.deps.data);
  return tasks.run('explain', null, request, async (context) => {
    context.progress?.step('running');
    const found = await changeFacts(change, context);
    const { allowSampleRows, allowColumnNames } = context.session.settings;
    if (!allowSampleRows || !allowColumnNames) {
      const text = plainText(found);
      context.progress?.text(text);
      return {
        text,
        wordedBy: 'service' as const,
        figures: checkFigures(text, numbersOf(found), '', placesOf(found)),
        figuresFound: true,
        ...found,
      };
    }
    context.target = (await context.data.fields(input.from, context.session.signal)).id;
    const told = await toldFacts(tasks, input, found, context);
    const text = [dataBlock('The facts', told), ...languageBlock(input.language)].join('\n\n');
    const wording = await askModel<{ text: string }>(context, 'wording', Wording, [
      { role: 'system', text: TEXT },
      { role: 'user', text },
    ]);
    const figures = checkFigures(
      wording.text,
      numbersOf(found),
      JSON.stringify([input.before, input.after, found.ranges]),
      placesOf(found),
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
