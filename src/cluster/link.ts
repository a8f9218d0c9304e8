import type { Assignment, Beat, FromProcess, Question, StopOrder, ToProcess } from './messages.ts';
import type { MetricObject } from './metrics-ledger.ts';

/** An answer that does not come by then: the supervisor gives up before. */
const ANSWERS_MS = 5000;
const BEAT_MS = 1000;
/** Metrics go along with each so many beats, for the case that the process dies. */
const BEATS_PER_METRICS = 10;

/** What this process says to a question; null where it cannot. Never rejects. */
export type Answer = (question: Question, params: unknown) => Promise<unknown>;

export interface Health {
  beat(): Beat;
  metrics(): Promise<MetricObject[]>;
  /** Whether its parts answer; without that the supervisor does not hear of it, and replaces it. */
  isWell(): boolean;
  /** Whether it has done its work and wants to be replaced. */
  isDone(): boolean;
}

/** A process's connection to its supervisor. */
export class Link {
  readonly #asked = new Map<number, (values: unknown[]) => void>();
  readonly #assignment = Promise.withResolvers<Assignment>();
  readonly #stop = Promise.withResolvers<StopOrder>();
  readonly #orphaned = Promise.withResolvers<void>();
  #answer: Answer | undefined;
  #nextId = 1;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    if (!process.send) throw new Error('this process was not started by a supervisor');
    process.on('message', (message: ToProcess) => void this.#receive(message));
    process.on('disconnect', () => this.#orphaned.resolve());
    this.#send({ kind: 'hello' });
  }

  get assignment(): Promise<Assignment> {
    return this.#assignment.promise;
  }

  /** Resolves when the supervisor wants this process to stop. */
  get stopOrder(): Promise<StopOrder> {
    return this.#stop.promise;
  }

  /** Resolves when the supervisor is gone. */
  get orphaned(): Promise<void> {
    return this.#orphaned.promise;
  }

  /** Gives what each other process answers; those that do not answer are left out. */
  ask(question: Question, params: unknown = null): Promise<unknown[]> {
    const id = this.#nextId++;
    const { promise, resolve } = Promise.withResolvers<unknown[]>();
    const timer = setTimeout(() => this.#asked.get(id)?.([]), ANSWERS_MS);
    this.#asked.set(id, (values) => {
      clearTimeout(timer);
      this.#asked.delete(id);
      resolve(values);
    });
    this.#send({ kind: 'ask', id, question, params });
    return promise;
  }

  answerWith(answer: Answer): void {
    this.#answer = answer;
  }

  /** The service serves: from now on the supervisor hears of it regularly. */
  ready(health: Health): void {
    this.#send({ kind: 'ready' });
    let beats = 0;
    const beat = async () => {
      if (!health.isWell()) return;
      const isFull = ++beats % BEATS_PER_METRICS === 0;
      this.#send({
        kind: 'beat',
        beat: health.beat(),
        ...(isFull ? { metrics: await health.metrics() } : {}),
      });
      if (health.isDone()) this.wantsReplacement();
    };
    this.#timer = setInterval(() => void beat(), BEAT_MS);
  }

  wantsReplacement(): void {
    this.#send({ kind: 'replace' });
  }

  async bye(metrics: MetricObject[]): Promise<void> {
    clearInterval(this.#timer);
    const { promise, resolve } = Promise.withResolvers<void>();
    if (!process.connected) return;
    process.send!({ kind: 'bye', metrics } satisfies FromProcess, undefined, undefined, () => resolve());
    await promise;
  }

  #send(message: FromProcess): void {
    if (process.connected) process.send!(message);
  }

  async #receive(message: ToProcess): Promise<void> {
    switch (message.kind) {
      case 'assignment':
        return this.#assignment.resolve(message.assignment);
      case 'stop':
        return this.#stop.resolve(message);
      case 'answers':
        return this.#asked.get(message.id)?.(message.values);
      case 'ask': {
        const value = (await this.#answer?.(message.question, message.params)) ?? null;
        this.#send({ kind: 'answer', id: message.id, value });
      }
    }
  }
}
