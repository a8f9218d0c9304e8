import Type, { type Static } from 'typebox';
import { DATA_NOTE } from '../../ai/prompts/language.ts';
import { languageBlock, sourceBlock } from '../../ai/prompts/source.ts';
import { AppError } from '../../base/errors.ts';
import { AI_ACCESS } from '../../domain/ai.ts';
import { From } from '../../domain/query-spec.ts';
import type { Issue } from '../../domain/schema.ts';
import type { Models } from '../models.ts';
import { askModel } from './ask-model.ts';
import { descriptionPatch } from './keep-descriptions.ts';
import type { AiRequestOf, AiTasks } from './tasks.ts';

const closed = { additionalProperties: false } as const;

export const DescribeInput = Type.Object(
  {
    ...AI_ACCESS,
    from: From,
    language: Type.Optional(Type.String({ minLength: 2, maxLength: 40 })),
    /** Keeps the texts in the model that `from` names. */
    store: Type.Optional(Type.Boolean()),
    /** With `store`: in the place of texts that are there already, too. */
    overwrite: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type DescribeInput = Static<typeof DescribeInput>;

const Description = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 2000 }),
    columns: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          description: Type.String({ maxLength: 500 }),
          synonyms: Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { maxItems: 10 })),
        },
        closed,
      ),
      { maxItems: 2000 },
    ),
  },
  closed,
);
type Description = Static<typeof Description>;

const TEXT = `You describe a table to the people of a company who make reports from it: first the whole in two or three sentences, then in "columns" each field and each measure in one, with synonyms by which people may ask for it. Say what is likely from the names and types and no more; where you cannot tell, say so.
${DATA_NOTE}`;

function faultsIn({ columns }: Description, names: ReadonlySet<string>): Issue[] {
  const faults: Issue[] = [];
  const seen = new Set<string>();
  for (const [index, { name }] of columns.entries()) {
    if (!names.has(name))
      faults.push({ pointer: `/columns/${index}/name`, message: 'is no column of the source' });
    if (seen.has(name)) faults.push({ pointer: `/columns/${index}/name`, message: 'is there twice' });
    seen.add(name);
  }
  return faults;
}

/** A text about a source and one about each of its columns and measures. */
export function describeSource(tasks: AiTasks, { from, language }: DescribeInput, request: AiRequestOf) {
  return tasks.run('describe', null, request, async (context) => {
    const brief = await tasks.brief(from, context);
    const names = new Set([...brief.fields, ...brief.measures].map(({ name }) => name));
    const written = await askModel<Description>(
      context,
      'description',
      Description,
      [
        { role: 'system', text: TEXT },
        { role: 'user', text: [sourceBlock(brief), ...languageBlock(language)].join('\n\n') },
      ],
      (value) => faultsIn(value, names),
    );
    const columns = written.columns.map(({ synonyms = [], ...column }) => ({ ...column, synonyms }));
    return { source: brief.name, text: written.text, columns };
  });
}

const bad = (pointer: string, detail: string) => new AppError('request.invalid', detail, { pointer });

/**
 * As `describeSource`; with `store` the texts are kept in the model, through the same checks as a change of a person's. Throws
 * `resource.conflict` where the model was changed while it was described.
 */
export async function describeAndKeep(
  tasks: AiTasks,
  models: Pick<Models, 'get' | 'update'>,
  input: DescribeInput,
  request: AiRequestOf,
) {
  const { from, store = false, overwrite } = input;
  if (overwrite !== undefined && !store) throw bad('/overwrite', '/overwrite goes with store');
  if (!store) return describeSource(tasks, input, request);
  if (from.model === undefined)
    throw bad('/store', 'Texts are kept in models: /from must name one. Make a model over this source first');
  const model = await models.get(from.model);
  const described = await describeSource(tasks, input, request);
  const { patch, told } = descriptionPatch(model, described, overwrite ?? false);
  const { version } = await models.update(model.id, patch, request.query, request.caller);
  return { ...described, stored: { model: model.id, version, ...told } };
}
