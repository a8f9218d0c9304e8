import type { AiPost } from '../ai/provider.ts';
import { iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { Seal } from '../base/seal.ts';
import { zoneOf } from '../domain/zone.ts';
import type { OutboundClient } from '../outbound/client.ts';
import { parseTarget } from '../outbound/guard.ts';
import { Ask } from '../services/ai/ask.ts';
import { AiCalls } from '../services/ai/calls.ts';
import { AiConfigs } from '../services/ai/config.ts';
import { AiData } from '../services/ai/data.ts';
import { SourceTexts } from '../services/ai/source-texts.ts';
import { AiTasks } from '../services/ai/tasks.ts';
import type { Datasets } from '../services/datasets.ts';
import type { Identity } from '../services/identity.ts';
import type { Models } from '../services/models.ts';
import type { QueryService } from '../services/query.ts';
import type { Store } from '../store/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { DatasourceParts } from './datasources.ts';
import type { Parts } from './parts.ts';

/** The body of an answer; one past AI_MAX_RESPONSE_BYTES is counted. */
async function* counted(
  body: AsyncIterable<Uint8Array>,
  { limitsHit }: Metrics,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* body;
  } catch (error) {
    if (error instanceof AppError && error.code === 'outbound.tooLarge')
      limitsHit.inc({ limit: 'AI_MAX_RESPONSE_BYTES' });
    throw error;
  }
}

/** What uses of AI and agents may know of data. */
export const createAiData = (
  queries: QueryService,
  models: Models,
  datasets: Datasets,
  { catalog }: Pick<DatasourceParts, 'catalog'>,
) => new AiData(queries, models, new SourceTexts(datasets, catalog));

export function createAi(
  { config, metrics, clock }: Parts,
  store: Store,
  { audit }: Identity,
  data: AiData,
  outbound: OutboundClient,
) {
  const post: AiPost = async (url, { headers, body, signal }) => {
    const answer = await outbound.send({
      purpose: 'ai',
      method: 'POST',
      url,
      headers,
      body,
      signal,
      maxBytes: config.AI_MAX_RESPONSE_BYTES,
      idleMs: config.AI_TIMEOUT_SECONDS * 1000,
    });
    return {
      status: answer.status,
      headers: new Headers(answer.headers),
      body: counted(answer.body, metrics),
    };
  };
  const seal = new Seal(config.SECRET_KEY!, config.SECRET_KEY_PREVIOUS);
  const configs = new AiConfigs({
    store,
    seal,
    audit,
    clock,
    post,
    checkUrl: (url) => void parseTarget(url),
  });
  const calls = new AiCalls({
    configs,
    store,
    clock,
    metrics,
    concurrency: config.AI_CONCURRENCY,
    queue: config.AI_QUEUE,
    timeoutS: config.AI_TIMEOUT_SECONDS,
    maxOutputTokens: config.AI_MAX_OUTPUT_TOKENS,
  });
  const tasks = new AiTasks({ calls, data, audit, sampleRows: config.AI_SAMPLE_ROWS });
  const ask = new Ask(tasks, (timezone) => iso(zoneOf(timezone).wallOf(clock.now())).slice(0, 10));
  return { configs, calls, tasks, ask };
}
