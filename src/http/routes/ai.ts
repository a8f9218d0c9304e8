import { Elysia } from 'elysia';
import { type AiAccessInput, AiConfigInput } from '../../domain/ai.ts';
import { type Ask, AskInput } from '../../services/ai/ask.ts';
import type { AiConfigs } from '../../services/ai/config.ts';
import { DescribeInput, describeAndKeep } from '../../services/ai/describe.ts';
import { ExplainInput, explainChange } from '../../services/ai/explain.ts';
import { FixInput, fixQuery } from '../../services/ai/fix.ts';
import type { AiProgress } from '../../services/ai/progress.ts';
import { enhancePrompt, PromptInput, planReport } from '../../services/ai/prompts.ts';
import { SuggestInput, suggestWidgets } from '../../services/ai/suggest.ts';
import type { AiRequestOf, AiTasks } from '../../services/ai/tasks.ts';
import type { Models } from '../../services/models.ts';
import type { Log } from '../../telemetry/log.ts';
import { callerOf } from '../caller.ts';
import { contextOf, requireScope } from '../context.ts';
import { eventStream, wantsEvents } from '../event-stream.ts';
import { hangUp } from '../hang-up.ts';
import { std } from '../validate.ts';

export interface AiRoutesDeps {
  configs: AiConfigs;
  tasks: AiTasks;
  ask: Ask;
  models: Models;
  /** Milliseconds between signs of life of a streamed answer. */
  heartbeatMs: number;
  log: Log;
}

const tags = ['ai'];

function requestOf(request: Request, { provider, model, apiKey }: AiAccessInput): AiRequestOf {
  const principal = requireScope(request, 'read');
  const access = {
    ...(provider === undefined ? {} : { provider }),
    ...(model === undefined ? {} : { model }),
    ...(apiKey === undefined ? {} : { apiKey }),
  };
  const query = { principal, requestId: contextOf(request).requestId, signal: hangUp(request), fresh: false };
  return { query, caller: callerOf(request), access };
}

/** The answer at once, or as events where the client asks for them. */
function answer(
  deps: AiRoutesDeps,
  request: Request,
  body: AiAccessInput,
  use: (asked: AiRequestOf) => Promise<object>,
): Promise<object> {
  const asked = requestOf(request, body);
  if (!wantsEvents(request)) return use(asked);
  return eventStream(request, deps, (tell, signal) => {
    const progress: AiProgress = {
      step: (step) => tell('progress', { step }),
      text: (text) => tell('text', { text }),
    };
    return use({ ...asked, query: { ...asked.query, signal }, progress });
  });
}

const use = (summary: string) => ({ summary, tags });

/** Uses of AI over the data of the service, and how it is set up. */
export function aiRoutes(deps: AiRoutesDeps) {
  return new Elysia().use(configRoutes(deps)).use(wordRoutes(deps)).use(dataRoutes(deps));
}

function configRoutes({ configs }: AiRoutesDeps) {
  return new Elysia()
    .get(
      '/ai/config',
      ({ request }) => {
        requireScope(request, 'admin');
        return configs.get();
      },
      { detail: { summary: 'How AI is set up; whether there is a key, never the key', tags } },
    )
    .put(
      '/ai/config',
      ({ request, body }) => {
        requireScope(request, 'admin');
        return configs.put(body, callerOf(request));
      },
      {
        body: std(AiConfigInput),
        detail: { summary: 'Set AI up: provider, model, key, and what may leave', tags },
      },
    );
}

function wordRoutes(deps: AiRoutesDeps) {
  const { tasks, models } = deps;
  return new Elysia()
    .post(
      '/ai/describe',
      ({ request, body }) => {
        if (body.store) requireScope(request, 'write');
        return answer(deps, request, body, (asked) => describeAndKeep(tasks, models, body, asked));
      },
      {
        body: std(DescribeInput),
        detail: use(
          'A text about a source, and one about each column with synonyms; `store` keeps them in a model',
        ),
      },
    )
    .post(
      '/ai/enhance',
      ({ request, body }) => answer(deps, request, body, (asked) => enhancePrompt(tasks, body, asked)),
      { body: std(PromptInput), detail: use('A wish for a report in clearer words') },
    )
    .post(
      '/ai/plan',
      ({ request, body }) => answer(deps, request, body, (asked) => planReport(tasks, body, asked)),
      { body: std(PromptInput), detail: use('Typed steps towards a report') },
    );
}

function dataRoutes(deps: AiRoutesDeps) {
  const { tasks, ask } = deps;
  return new Elysia()
    .post(
      '/ai/suggest',
      ({ request, body }) => answer(deps, request, body, (asked) => suggestWidgets(tasks, body, asked)),
      { body: std(SuggestInput), detail: use('Widgets for a dashboard, with queries that can run') },
    )
    .post('/ai/ask', ({ request, body }) => answer(deps, request, body, (asked) => ask.ask(body, asked)), {
      body: std(AskInput),
      detail: use('A question in any language, answered by a query of the caller’s own rights'),
    })
    .post(
      '/ai/explain',
      ({ request, body }) => answer(deps, request, body, (asked) => explainChange(tasks, body, asked)),
      {
        body: std(ExplainInput),
        detail: use('What changed between two periods, and what made the change'),
      },
    )
    .post(
      '/ai/fix',
      ({ request, body }) => answer(deps, request, body, async (asked) => fixQuery(tasks, body, asked)),
      { body: std(FixInput), detail: use('A failing query mended: read and planned, not run') },
    );
}
