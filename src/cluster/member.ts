import type { Log } from '../telemetry/log.ts';
import type { Assignment, Beat, FromProcess, StopOrder, ToProcess } from './messages.ts';
import type { MetricObject } from './metrics-ledger.ts';
import { programCommand } from './program.ts';

export type MemberState = 'starting' | 'ready' | 'leaving' | 'ended';

export interface MemberEvents {
  onReplace(member: Member): void;
  onAsk(member: Member, message: Extract<FromProcess, { kind: 'ask' }>): void;
  onAnswer(member: Member, message: Extract<FromProcess, { kind: 'answer' }>): void;
  onEnd(member: Member, code: number | null, signal: string | null): void;
}

export interface MemberOptions {
  assignment: Assignment;
  /** The listening socket to accept from. */
  socket: number;
  env: Record<string, string | undefined>;
  log: Log;
  events: MemberEvents;
}

/** After its time to stop, a process gets so long to be gone. */
const STOP_SLACK_MS = 7000;

/** One process of the supervisor, from its start to its end. */
export class Member {
  readonly #child: Bun.Subprocess;
  readonly #ready = Promise.withResolvers<boolean>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #log: Log;
  readonly startedAtMs = performance.now();
  state: MemberState = 'starting';
  lastSeenMs = performance.now();
  beat: Beat = { requests: 0, rssBytes: 0 };
  metrics: MetricObject[] = [];
  /** It was killed because it was silent. */
  wasSilent = false;

  constructor(readonly options: MemberOptions) {
    const { socket, env, log, assignment } = options;
    this.#log = log;
    const command = [...programCommand(), 'serve', `--process=${assignment.slot}`];
    this.#child = Bun.spawn(command, {
      env,
      stdio: ['ignore', 'inherit', 'inherit', socket],
      serialization: 'json',
      ipc: (message: FromProcess) => this.#receive(message),
      onExit: (_, code, signal) => this.#end(code, signal === null ? null : String(signal)),
    });
    log.info('process.starting', { slot: this.slot, child: this.pid });
  }

  get pid(): number {
    return this.#child.pid;
  }

  get slot(): number {
    return this.options.assignment.slot;
  }

  /** True once it serves, false when it ended before. */
  get ready(): Promise<boolean> {
    return this.#ready.promise;
  }

  /** Resolves once it is gone and that has been told. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  send(message: ToProcess): void {
    if (this.state !== 'ended') this.#child.send(message);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks it to stop and waits for its end; kills it when it takes longer than it was given. */
  async leave(order: StopOrder): Promise<void> {
    if (this.state === 'ended') return;
    this.state = 'leaving';
    this.send({ kind: 'stop', ...order });
    const timer = setTimeout(
      () => {
        this.#log.error('process.stopTimedOut', { slot: this.slot, child: this.pid });
        this.kill('SIGKILL');
      },
      order.delayMs + order.graceMs + STOP_SLACK_MS,
    );
    await this.ended;
    clearTimeout(timer);
  }

  #receive(message: FromProcess): void {
    this.lastSeenMs = performance.now();
    const { events, assignment } = this.options;
    switch (message.kind) {
      case 'hello':
        this.send({ kind: 'assignment', assignment });
        break;
      case 'ready':
        if (this.state === 'starting') this.state = 'ready';
        this.#ready.resolve(true);
        break;
      case 'beat':
        this.beat = message.beat;
        this.metrics = message.metrics ?? this.metrics;
        break;
      case 'bye':
        this.metrics = message.metrics;
        break;
      case 'replace':
        events.onReplace(this);
        break;
      case 'ask':
        events.onAsk(this, message);
        break;
      case 'answer':
        events.onAnswer(this, message);
        break;
    }
  }

  #end(code: number | null, signal: string | null): void {
    const before = this.state;
    this.state = 'ended';
    this.#ready.resolve(false);
    if (before === 'leaving')
      this.#log.info('process.stopped', { slot: this.slot, child: this.pid, code, signal });
    else this.options.events.onEnd(this, code, signal);
    this.#ended.resolve();
  }
}
