import Type, { type Static } from 'typebox';
import { DATA_NOTE, LANGUAGE } from '../../ai/prompts/language.ts';
import { dataBlock, sourceBlock } from '../../ai/prompts/source.ts';
import { AI_ACCESS } from '../../domain/ai.ts';
import { AiChart, AiQuery } from '../../domain/ai-query.ts';
import { From } from '../../domain/query-spec.ts';
import type { Issue } from '../../domain/schema.ts';
import { askModel } from './ask-model.ts';
import { queryFaults, queryOf } from './model-query.ts';
import type { AiRequestOf, AiTasks } from './tasks.ts';

const closed = { additionalProperties: false } as const;

/** `variantOffset` asks for others than so many that were suggested before. */
export const SuggestInput = Type.Object(
  {
    ...AI_ACCESS,
    from: From,
    goal: Type.Optional(Type.String({ minLength: 1, maxLength: 2000 })),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 12 })),
    variantOffset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
  },
  closed,
);
export type SuggestInput = Static<typeof SuggestInput>;

const Suggested = Type.Object(
  {
    widgets: Type.Array(
      Type.Object(
        {
          title: Type.String({ minLength: 1, maxLength: 200 }),
          chart: AiChart,
          query: AiQuery,
          why: Type.Optional(Type.String({ maxLength: 500 })),
        },
        closed,
      ),
      { minItems: 1, maxItems: 12 },
    ),
  },
  closed,
);
type Suggested = Static<typeof Suggested>;

const DEFAULT_COUNT = 4;

/** Charts that draw groups. */
const DRAWN: ReadonlySet<AiChart> = new Set(['bar', 'line', 'area', 'pie', 'scatter']);

/** What of the chart does not go with the query. */
function chartFault({ chart, query }: Suggested['widgets'][number]): string | undefined {
  const isGrouped = [query.dimensions, query.rows, query.columns].some((axis) => axis && axis.length > 0);
  if (chart === 'pivot' && query.kind !== 'pivot') return 'goes with a query of kind "pivot"';
  if (chart === 'number' && isGrouped) return 'shows one figure; the query has groups';
  if (DRAWN.has(chart) && !isGrouped) return 'needs a query with groups';
  return undefined;
}

/** Widgets that show what another one does, and charts that do not fit. */
function widgetFaults({ widgets }: Suggested): Issue[] {
  return widgets.flatMap((widget, index) => {
    const { chart, query } = widget;
    const same = widgets.findIndex((one) => one.chart === chart && Bun.deepEquals(one.query, query));
    const unfit = chartFault(widget);
    return [
      ...(same < index
        ? [{ pointer: `/widgets/${index}`, message: `shows what /widgets/${same} does` }]
        : []),
      ...(unfit === undefined ? [] : [{ pointer: `/widgets/${index}/chart`, message: unfit }]),
    ];
  });
}

const TEXT = `You suggest widgets for a dashboard over one table: each has a title, a chart and a query.
${LANGUAGE}
The chart fits the query: "number" for one figure, "line" or "area" for a time, "bar" for few groups, "pie" for at most six parts of a whole, "pivot" for a query of kind "pivot", else "table".
${DATA_NOTE}`;

/** Widgets whose queries were read and planned, so that each can run. */
export function suggestWidgets(tasks: AiTasks, input: SuggestInput, request: AiRequestOf) {
  const { from, goal, count = DEFAULT_COUNT, variantOffset = 0 } = input;
  return tasks.run('suggest', null, request, async (context) => {
    const brief = await tasks.brief(from, context);
    const frame = { from };
    const { signal } = context.session;
    const wish = [
      sourceBlock(brief),
      ...(goal === undefined ? [] : [dataBlock('What the dashboard is for', goal)]),
      `Suggest exactly ${count} widgets.${variantOffset > 0 ? ` Think of the ${variantOffset} most obvious ones as suggested already, and give the next ones.` : ''}`,
    ];
    const check = async ({ widgets }: Suggested): Promise<Issue[]> => {
      if (widgets.length !== count) return [{ pointer: '/widgets', message: `must be exactly ${count}` }];
      const faults = widgets.map(({ query }, index) =>
        queryFaults(query, frame, context.data, `/widgets/${index}/query`, signal),
      );
      return [...widgetFaults({ widgets }), ...(await Promise.all(faults)).flat()];
    };
    const messages = [
      { role: 'system', text: TEXT },
      { role: 'user', text: wish.join('\n\n') },
    ] as const;
    const { widgets } = await askModel<Suggested>(context, 'widgets', Suggested, messages, check);
    return { widgets: widgets.map(({ query, ...widget }) => ({ ...widget, query: queryOf(query, frame) })) };
  });
}
