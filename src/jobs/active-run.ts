import { type Clock, iso } from '../base/clock.ts';
import { type AppError, toErrorData } from '../base/errors.ts';
import {
  NO_PROGRESS,
  type Progress,
  type RunContext,
  type RunFault,
  type RunLogLine,
} from '../domain/run.ts';
import type { ClaimedRun, RunNews } from '../store/run-claims.ts';
import type { Job } from './job.ts';

const MAX_TEXT = 4000;
/** Lines that wait to be written; past them the oldest ones go, and it is said. */
const MAX_WAITING = 1000;

/** A run of this process: its signal, and its news until they are written. */
export class ActiveRun {
  readonly #controller = new AbortController();
  #progress: Progress = { ...NO_PROGRESS };
  #lines: Omit<RunLogLine, 'line'>[] = [];
  #dropped = 0;
  #hasNews = false;

  constructor(
    readonly claimed: ClaimedRun,
    readonly job: Job,
    readonly clock: Clock,
  ) {}

  get claim() {
    return this.claimed.claim;
  }

  get id() {
    return this.claimed.run.id;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it was ended, if it was. */
  get endedBy(): AppError | undefined {
    return this.signal.aborted ? (this.signal.reason as AppError) : undefined;
  }

  end(reason: AppError): void {
    if (!this.signal.aborted) this.#controller.abort(reason);
  }

  context(): RunContext {
    const { run, claim } = this.claimed;
    return {
      claim,
      attempt: run.attempt,
      trigger: run.trigger,
      signal: this.signal,
      progress: (change) => {
        Object.assign(this.#progress, change);
        this.#hasNews = true;
      },
      log: (level, text, facts) => this.note(level, text, facts),
    };
  }

  note(level: RunLogLine['level'], text: string, facts: Record<string, unknown> | null = null): void {
    const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
    this.#lines.push({ at: iso(this.clock.now()), level, text: cut, facts });
    this.#hasNews = true;
    if (this.#lines.length <= MAX_WAITING) return;
    this.#lines.shift();
    this.#dropped++;
  }

  /** What is to be written; undefined when nothing is new. */
  takeNews(): RunNews | undefined {
    if (!this.#hasNews) return undefined;
    const lines = this.#lines;
    if (this.#dropped > 0) {
      const text = `${this.#dropped} lines came too fast to be kept`;
      lines.unshift({ at: iso(this.clock.now()), level: 'warning', text, facts: null });
    }
    this.#lines = [];
    this.#dropped = 0;
    this.#hasNews = false;
    return { progress: { ...this.#progress }, lines };
  }

  /** News that could not be written, to be tried again. */
  putBack({ lines }: RunNews): void {
    const all = [...lines, ...this.#lines];
    this.#dropped += Math.max(0, all.length - MAX_WAITING);
    this.#lines = all.slice(-MAX_WAITING);
    this.#hasNews = true;
  }

  faultOf(error: unknown): RunFault {
    const { code, detail, pointer, params } = toErrorData(error);
    return {
      code,
      detail,
      ...(pointer ? { pointer } : {}),
      ...(params ? { params } : {}),
      step: this.#progress.phase,
    };
  }
}
