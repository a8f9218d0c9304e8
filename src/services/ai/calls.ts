import { aiFault } from '../../ai/fault.ts';
import type { AiAnswer, AiEvent, AiRequest, AiUsage } from '../../ai/provider.ts';
import { deadline, orAborted } from '../../base/abort.ts';
import { type Clock, iso } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { QueueFull, Semaphore, WaitTimeout } from '../../base/semaphore.ts';
import type { AiAccessInput, AiSettings, AiTask } from '../../domain/ai.ts';
import type { Store } from '../../store/store.ts';
import type { Limit, Metrics } from '../../telemetry/metrics.ts';
import type { AiConfigs, OpenAi } from './config.ts';
import type { AiProgress } from './progress.ts';

export interface AiCallsDeps {
  configs: AiConfigs;
  store: Store;
  clock: Clock;
  metrics: Metrics;
  concurrency: number;
  queue: number;
  timeoutS: number;
  maxOutputTokens: number;
}

/** What a use of AI works with: calls that are counted, bounded and end with the request. */
export interface AiSession {
  provider: string;
  model: string;
  settings: AiSettings;
  signal: AbortSignal;
  /** Asks the model; each call counts against the budget of the user. With `onText` the answer is streamed, and told piece by piece. */
  call(
    request: Pick<AiRequest, 'messages' | 'output' | 'tools'>,
    onText?: (piece: string) => void,
  ): Promise<AiAnswer>;
  /** Counts answers that were sent back. */
  repaired(times: number): void;
  usage: AiUsage;
  /** What left so far: how much, and a hash of it, never what. */
  sent(): { calls: number; characters: number; sha256: string };
}

export interface AiAsker {
  userId: string;
  access: AiAccessInput;
  signal: AbortSignal;
  progress?: AiProgress | undefined;
}

type Outcome = 'ok' | 'refused' | 'cancelled' | 'timeout' | 'limited' | 'error';

function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof AppError)) return 'error';
  if (error.code === 'ai.refused') return 'refused';
  if (error.code === 'request.aborted') return 'cancelled';
  if (error.code === 'ai.timeout' || error.code === 'outbound.timeout') return 'timeout';
  return ['overloaded', 'ai.budget', 'ai.rate'].includes(error.code) ? 'limited' : 'error';
}

const dayOf = (ms: number) => iso(ms).slice(0, 10);
const DAY_MS = 86_400_000;

/** As makers put it, for English; other languages have fewer. */
const CHARACTERS_OF_TOKEN = 4;
const tokensOf = (characters: number) => Math.ceil(characters / CHARACTERS_OF_TOKEN);

/** Failures of a model that had read what was sent: its maker counts that, though it does not say how much. */
const OF_WORK = new Set<string>(['ai.refused', 'ai.badOutput', 'outbound.tooLarge', 'outbound.answer']);

function hadWorked(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  const isConnecting = error.params?.limit === 'OUTBOUND_CONNECT_SECONDS';
  return OF_WORK.has(error.code) || (error.code === 'outbound.timeout' && !isConnecting);
}

async function answerOfStream(
  events: AsyncIterable<AiEvent>,
  onText: (piece: string) => void,
): Promise<AiAnswer> {
  for await (const event of events) {
    if (event.kind === 'done') return event.answer;
    onText(event.text);
  }
  throw aiFault('ai.unavailable');
}

/** The door to models: turns, deadline, budget, counting. One session is one request of a user, of as many calls as it takes. */
export class AiCalls {
  readonly #slots: Semaphore;

  constructor(readonly deps: AiCallsDeps) {
    this.#slots = new Semaphore(deps.concurrency, deps.queue);
  }

  stats(): { running: number; waiting: number } {
    return { running: this.#slots.inUse, waiting: this.#slots.waiting };
  }

  /** Throws `overloaded`, `ai.timeout`, `ai.budget`, `ai.notConfigured`, what the provider and `work` throw, and the signal's reason. */
  async run<T>(task: AiTask, asker: AiAsker, work: (session: AiSession) => Promise<T>): Promise<T> {
    const { configs, metrics, timeoutS } = this.deps;
    const opened = await configs.open(asker.access, task);
    const labels = { provider: opened.name, endpoint: task };
    const started = performance.now();
    const limit = deadline(timeoutS * 1000, () => this.#timedOut(), asker.signal);
    let outcome: Outcome = 'ok';
    try {
      const leave = await this.#enter(limit.signal, asker.progress);
      try {
        return await orAborted(work(this.#session(opened, asker.userId, labels, limit.signal)), limit.signal);
      } finally {
        leave();
      }
    } catch (error) {
      outcome = outcomeOf(error);
      if (outcome === 'refused') metrics.aiRefusals.inc(labels);
      throw error;
    } finally {
      limit.clear();
      metrics.aiRequests.inc({ ...labels, outcome });
      metrics.aiMs.observe(labels, performance.now() - started);
    }
  }

  #hit(limit: Limit): void {
    this.deps.metrics.limitsHit.inc({ limit });
  }

  #timedOut(): AppError {
    this.#hit('AI_TIMEOUT_SECONDS');
    return new AppError('ai.timeout', `The AI request took longer than ${this.deps.timeoutS} s`, {
      params: { limit: 'AI_TIMEOUT_SECONDS' },
      retryAfterS: 5,
    });
  }

  async #enter(signal: AbortSignal, progress: AiProgress | undefined): Promise<() => void> {
    const { inUse, capacity, waiting, maxQueue } = this.#slots;
    if (inUse === capacity && waiting < maxQueue) progress?.step('waiting');
    try {
      return await this.#slots.acquire(this.deps.timeoutS * 1000, signal);
    } catch (error) {
      if (!(error instanceof QueueFull || error instanceof WaitTimeout)) throw error;
      this.#hit('AI_CONCURRENCY');
      throw new AppError('overloaded', 'As many AI requests run and wait as may', {
        params: { limit: 'AI_CONCURRENCY' },
        retryAfterS: 5,
      });
    }
  }

  async #checkBudget(userId: string, { dailyTokens }: AiSettings): Promise<void> {
    if (dailyTokens === 0) return;
    const nowMs = this.deps.clock.now();
    const used = await this.deps.store.aiUsage.of(userId, dayOf(nowMs));
    if (used.inputTokens + used.outputTokens < dailyTokens) return;
    this.#hit('AI_DAILY_TOKENS');
    throw new AppError('ai.budget', `You have used the ${dailyTokens} AI tokens of today (UTC)`, {
      params: { limit: 'dailyTokens', max: dailyTokens },
      retryAfterS: Math.ceil((DAY_MS - (nowMs % DAY_MS)) / 1000),
    });
  }

  #session(
    { provider, name, model, settings }: OpenAi,
    userId: string,
    labels: { provider: string; endpoint: string },
    signal: AbortSignal,
  ): AiSession {
    const { store, clock, metrics, maxOutputTokens } = this.deps;
    const usage: AiUsage = { inputTokens: 0, outputTokens: 0 };
    const sent = { calls: 0, characters: 0 };
    const hasher = new Bun.CryptoHasher('sha256');
    return {
      provider: name,
      model,
      settings,
      signal,
      usage,
      sent: () => ({ ...sent, sha256: hasher.copy().digest('hex') }),
      repaired: (times) => metrics.aiRepairs.inc(labels, times),
      call: async (request, onText) => {
        signal.throwIfAborted();
        await this.#checkBudget(userId, settings);
        const text = JSON.stringify(request);
        sent.calls++;
        sent.characters += text.length;
        hasher.update(text);
        const asked = { ...request, model, maxOutputTokens };
        const count = async ({ inputTokens, outputTokens }: AiUsage) => {
          usage.inputTokens += inputTokens;
          usage.outputTokens += outputTokens;
          metrics.aiTokens.inc({ provider: name, direction: 'input' }, inputTokens);
          metrics.aiTokens.inc({ provider: name, direction: 'output' }, outputTokens);
          await store.aiUsage.add(userId, dayOf(clock.now()), { requests: 1, inputTokens, outputTokens });
        };
        let came = 0;
        const guessed = (characters: number) =>
          count({ inputTokens: tokensOf(text.length), outputTokens: tokensOf(characters) });
        try {
          const answer = onText
            ? answerOfStream(provider.stream(asked, signal), (piece) => {
                came += piece.length;
                onText(piece);
              })
            : provider.complete(asked, signal);
          const given = await orAborted(answer, signal);
          if (given.finish === 'length') this.#hit('AI_MAX_OUTPUT_TOKENS');
          // Some servers of one's own count nothing.
          const isCounted = given.usage.inputTokens + given.usage.outputTokens > 0;
          await (isCounted ? count(given.usage) : guessed(given.text.length));
          return given;
        } catch (error) {
          if (signal.aborted || came > 0 || hadWorked(error)) await guessed(came);
          throw error;
        }
      },
    };
  }
}
