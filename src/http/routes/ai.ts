import { Elysia } from 'elysia';
import { type AiAccessInput, AiConfigInput } from '../../domain/ai.ts';
import { type Ask, AskInput } from '../../services/ai/ask.ts';
import type { AiConfigs } from '../../services/ai/config.ts';
import { DescribeInput, describeAndKeep } from '../../services/ai/describe.ts';
import { ExplainInput, explainChange } from '../../services/ai/explain.ts';
import { FixInput, fixQuery } from '../../services/ai/fix.ts';
import { enhancePrompt, PromptInput, planReport } from '../../services/ai/prompts.ts';
import { SuggestInput, suggestWidgets } from '../../services/ai/suggest.ts';
import type { AiRequestOf, AiTasks } from '../../services/ai/tasks.ts';
import type { Models } from '../../services/models.ts';
import { callerOf } from '../caller.ts';
import { contextOf, requireScope } from '../context.ts';
import { hangUp } from '../hang-up.ts';
import { std } from '../validate.ts';

export interface AiRoutesDeps {
  configs: AiConfigs;
  tasks: AiTasks;
  ask: Ask;
  models: Models;
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

function wordRoutes({ tasks, models }: AiRoutesDeps) {
  return new Elysia()
    .post(
      '/ai/describe',
      ({ request, body }) => {
        if (body.store) requireScope(request, 'write');
        return describeAndKeep(tasks, models, body, requestOf(request, body));
      },
      {
        body: std(DescribeInput),
        detail: {
          summary:
            'A text about a source, and one about each column with synonyms; `store` keeps them in a model',
          tags,
        },
      },
    )
    .post('/ai/enhance', ({ request, body }) => enhancePrompt(tasks, body, requestOf(request, body)), {
      body: std(PromptInput),
      detail: { summary: 'A wish for a report in clearer words', tags },
    })
    .post('/ai/plan', ({ request, body }) => planReport(tasks, body, requestOf(request, body)), {
      body: std(PromptInput),
      detail: { summary: 'Typed steps towards a report', tags },
    });
}

function dataRoutes({ tasks, ask }: AiRoutesDeps) {
  return new Elysia()
    .post('/ai/suggest', ({ request, body }) => suggestWidgets(tasks, body, requestOf(request, body)), {
      body: std(SuggestInput),
      detail: { summary: 'Widgets for a dashboard, with queries that can run', tags },
    })
    .post('/ai/ask', ({ request, body }) => ask.ask(body, requestOf(request, body)), {
      body: std(AskInput),
      detail: { summary: 'A question in any language, answered by a query of the caller’s own rights', tags },
    })
    .post('/ai/explain', ({ request, body }) => explainChange(tasks, body, requestOf(request, body)), {
      body: std(ExplainInput),
      detail: { summary: 'What changed between two periods, and what made the change', tags },
    })
    .post('/ai/fix', ({ request, body }) => fixQuery(tasks, body, requestOf(request, body)), {
      body: std(FixInput),
      detail: { summary: 'A failing query mended: read and planned, not run', tags },
    });
}
