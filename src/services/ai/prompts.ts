import Type, { type Static } from 'typebox';
import { DATA_NOTE } from '../../ai/prompts/language.ts';
import { dataBlock, sourceBlock } from '../../ai/prompts/source.ts';
import type { AiMessage } from '../../ai/provider.ts';
import { AI_ACCESS } from '../../domain/ai.ts';
import { From } from '../../domain/query-spec.ts';
import { askModel } from './ask-model.ts';
import type { AiRequestOf, AiTaskContext, AiTasks } from './tasks.ts';

const closed = { additionalProperties: false } as const;

/** A wish in words, perhaps about a source. */
export const PromptInput = Type.Object(
  { ...AI_ACCESS, prompt: Type.String({ minLength: 1, maxLength: 8000 }), from: Type.Optional(From) },
  closed,
);
export type PromptInput = Static<typeof PromptInput>;

const Enhanced = Type.Object(
  {
    prompt: Type.String({ minLength: 1, maxLength: 8000 }),
    notes: Type.Optional(Type.Array(Type.String({ maxLength: 500 }), { maxItems: 10 })),
  },
  closed,
);

export const STEP_KINDS = ['query', 'pivot', 'chart', 'compare', 'filter', 'note'] as const;

const Planned = Type.Object(
  {
    steps: Type.Array(
      Type.Object(
        {
          kind: Type.Enum([...STEP_KINDS]),
          title: Type.String({ minLength: 1, maxLength: 200 }),
          detail: Type.String({ maxLength: 1000 }),
        },
        closed,
      ),
      { minItems: 1, maxItems: 20 },
    ),
  },
  closed,
);

const ENHANCE = `You make a wish for a report clearer without changing what is wished: name measures, groups, times and filters by the names of the source where it is given. Keep the language of the wish. Say in "notes" what stayed open. Do not carry the wish out.
${DATA_NOTE}`;

const PLAN = `You plan how a report is made, as few steps as do: "query" or "pivot" for figures, "filter", "compare", "chart", "note" for words. Use the names of the source where it is given, and the language of the wish. Do not carry the plan out.
${DATA_NOTE}`;

async function messagesOf(
  system: string,
  { prompt, from }: PromptInput,
  tasks: AiTasks,
  context: AiTaskContext,
): Promise<AiMessage[]> {
  const source = from === undefined ? [] : [sourceBlock(await tasks.brief(from, context))];
  return [
    { role: 'system', text: system },
    { role: 'user', text: [...source, dataBlock('The wish', prompt)].join('\n\n') },
  ];
}

/** The wish in clearer words. */
export function enhancePrompt(tasks: AiTasks, input: PromptInput, request: AiRequestOf) {
  return tasks.run('enhance', null, request, async (context) => {
    const messages = await messagesOf(ENHANCE, input, tasks, context);
    const { prompt, notes = [] } = await askModel<Static<typeof Enhanced>>(
      context,
      'enhanced',
      Enhanced,
      messages,
    );
    return { prompt, notes };
  });
}

/** Typed steps towards what is wished. */
export function planReport(tasks: AiTasks, input: PromptInput, request: AiRequestOf) {
  return tasks.run('plan', null, request, async (context) => {
    const messages = await messagesOf(PLAN, input, tasks, context);
    return askModel<Static<typeof Planned>>(context, 'plan', Planned, messages);
  });
}
