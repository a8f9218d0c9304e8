import Type, { type Static } from 'typebox';
import { DATA_NOTE } from '../../ai/prompts/language.ts';
import { sourceBlock } from '../../ai/prompts/source.ts';
import { AI_ACCESS } from '../../domain/ai.ts';
import { From } from '../../domain/query-spec.ts';
import type { Issue } from '../../domain/schema.ts';
import { askModel } from './ask-model.ts';
import type { AiRequestOf, AiTasks } from './tasks.ts';

const closed = { additionalProperties: false } as const;

export const DescribeInput = Type.Object(
  { ...AI_ACCESS, from: From, language: Type.Optional(Type.String({ minLength: 2, maxLength: 40 })) },
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

const TEXT = `You describe a table to the people of a company who make reports from it: first the whole in two or three sentences, then each column in one, with synonyms by which people may ask for it. Say what is likely from the names and types and no more; where you cannot tell, say so.
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

/** A text about a source and one about each of its columns. */
export function describeSource(tasks: AiTasks, { from, language }: DescribeInput, request: AiRequestOf) {
  return tasks.run('describe', null, request, async (context) => {
    const brief = await tasks.brief(from, context);
    const names = new Set(brief.fields.map(({ name }) => name));
    const wish = language === undefined ? '' : `\n\nWrite in this language: ${JSON.stringify(language)}`;
    const written = await askModel<Description>(
      context,
      'description',
      Description,
      [
        { role: 'system', text: TEXT },
        { role: 'user', text: sourceBlock(brief) + wish },
      ],
      (value) => faultsIn(value, names),
    );
    const columns = written.columns.map(({ synonyms = [], ...column }) => ({ ...column, synonyms }));
    return { source: brief.name, text: written.text, columns };
  });
}
