import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from '../base/errors.ts';
import type { Config } from '../config.ts';
import type { ListenSockets } from '../host/listen-sockets.ts';
import type { ServiceManager } from '../host/notify.ts';
import type { Log } from '../telemetry/log.ts';
import { Backoff } from './backoff.ts';
import { Member, type MemberEvents } from './member.ts';
import { type MetricObject, MetricsLedger } from './metrics-ledger.ts';
import { Relay } from './relay.ts';
import { SupervisorMetrics } from './supervisor-metrics.ts';

export type SupervisorConfig = Pick<Config, 'GRACEFUL_TIMEOUT' | 'SHUTDOWN_DELAY_SECONDS' | 'TIMEOUT'>;

export interface SupervisorOptions {
  config: SupervisorConfig;
  sockets: ListenSockets;
  /** One for each process. */
  descriptors: readonly number[];
  env: Record<string, string | undefined>;
  startKey: string | undefined;
  demo: boolean;
  log: Log;
  manager: ServiceManager;
  /** Shown in the status. */
  url: string;
}

/** Where a process belongs: a listening socket, and whoever accepts from it. */
interface Slot {
  index: number;
  descriptor: number | undefined;
  member: Member | undefined;
  backoff: Backoff;
  /** While it waits for its replacement, or for the turn to get one. */
  replacing: Promise<boolean> | undefined;
  /** Its process is not recycled before that, as that failed just now. */
  letBeUntilMs: number;
}

/** So many fast failures before any process ever served: the start has failed. */
const START_ATTEMPTS = 5;
/** What a process may take to start, whatever TIMEOUT says. */
const START_MS = 120_000;
const LOOK_MS = 500;
/** Idle connections of a process that is replaced get so long for a last request; those of a service that ends get less. */
const LINGER_MS = { replaced: 5000, ended: 1000 };
/** A process that could not be replaced is tried again after so long. */
const RETRY_MS = 10_000;
/** systemd sends the signal of a stop to all processes: one that asks for its replacement waits so long for the supervisor to hear of it, too. */
const SETTLE_MS = 200;
const EXIT: Readonly<Record<'ok' | 'failed' | 'usage', number>> = { ok: 0, failed: 1, usage: 2 };

/** Keeps the processes of one port: starts, watches, replaces and stops them. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #slots: Slot[];
  readonly #members = new Set<Member>();
  readonly #relay = new Relay(() => this.#members);
  readonly #ledger = new MetricsLedger();
  readonly #metrics = new SupervisorMetrics();
  readonly #finished = Promise.withResolvers<number>();
  readonly #allReady = Promise.withResolvers<void>();
  readonly #events: MemberEvents;
  #hasServed = false;
  #isStopping = false;
  #lastLookMs = performance.now();
  #reloading: Promise<void> | undefined;
  /** Replacements go one after another. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#slots = options.descriptors.map((descriptor, index) => ({
      index,
      descriptor,
      member: undefined,
      backoff: new Backoff(),
      replacing: undefined,
      letBeUntilMs: 0,
    }));
    this.#events = {
      onReplace: (member) => void this.#recycle(member),
      onAsk: (member, message) =>
        this.#relay.ask(member, message, () => (message.question === 'metrics' ? this.#ownMetrics() : [])),
      onAnswer: (member, message) => this.#relay.answer(member, message),
      onEnd: (member, code, signal) => void this.#died(member, code, signal),
    };
  }

  /** Resolves when every process served for the first time. */
  get allReady(): Promise<void> {
    return this.#allReady.promise;
  }

  /** The descriptors of the sockets, for a successor. */
  get descriptors(): number[] {
    return this.#slots.map((slot) => this.#socketOf(slot));
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** What a process may take to serve. */
  get startMs(): number {
    return Math.max(this.#options.config.TIMEOUT * 1000, START_MS);
  }

  /** Starts the processes; resolves with the exit code when all have ended. */
  async run(): Promise<number> {
    const timer = setInterval(() => this.#look(), LOOK_MS);
    for (const slot of this.#slots) void this.#fill(slot);
    const code = await this.#finished.promise;
    clearInterval(timer);
    return code;
  }

  /** Replaces the processes one after another; each serves until the next one does. Asked again meanwhile, it is the same reload. */
  reload(): Promise<void> {
    this.#reloading ??= this.#reload().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  async #reload(): Promise<void> {
    const { log, manager } = this.#options;
    log.info('supervisor.reloading');
    manager.reloading();
    const replaced = await Promise.all(this.#slots.map((slot) => this.#replace(slot, 'reloaded')));
    if (this.#isStopping) return;
    const kept = replaced.filter((isReplaced) => !isReplaced).length;
    if (kept === 0) log.info('supervisor.reloaded');
    else log.error('supervisor.reloadFailed', { kept });
    manager.ready(this.#statusText());
  }

  /** Stops all processes at once, and then the supervisor. `isSucceeded`: another one serves the port already. */
  async stop(isSucceeded = false, code = EXIT.ok): Promise<void> {
    this.#isStopping = true;
    const { config, manager } = this.#options;
    if (!isSucceeded) manager.stopping('Finishing what runs');
    const order = {
      delayMs: isSucceeded ? 0 : config.SHUTDOWN_DELAY_SECONDS * 1000,
      graceMs: config.GRACEFUL_TIMEOUT * 1000,
      lingerMs: isSucceeded ? LINGER_MS.replaced : LINGER_MS.ended,
    };
    await Promise.all([...this.#members].map((member) => member.leave(order)));
    this.#finished.resolve(code);
  }

  killAll(): void {
    for (const member of this.#members) member.kill('SIGKILL');
  }

  #socketOf(slot: Slot): number {
    slot.descriptor ??= this.#options.sockets.open();
    return slot.descriptor;
  }

  /** Undefined where the system starts none: the program's file is away, or descriptors, processes or memory are used up. */
  #start(slot: Slot): Member | undefined {
    try {
      return this.#startOrThrow(slot);
    } catch (error) {
      this.#options.log.error('process.notStarted', { slot: slot.index, cause: describe(error) });
      return undefined;
    }
  }

  #startOrThrow(slot: Slot): Member {
    const { env, log, startKey, demo, sockets } = this.#options;
    const member = new Member({
      assignment: {
        slot: slot.index,
        processes: this.#slots.length,
        port: sockets.port,
        startKey,
        demo: demo && slot.index === 0 && !this.#hasServed,
      },
      socket: this.#socketOf(slot),
      env,
      log,
      events: this.#events,
    });
    this.#members.add(member);
    void member.ready.then((isReady) => isReady && this.#isReady(member));
    void member.ended.then(() => this.#forget(member));
    this.#count();
    return member;
  }

  async #fill(slot: Slot): Promise<void> {
    slot.member = this.#start(slot);
    if (!slot.member) await this.#refill(slot, 0, null);
  }

  #isReady(member: Member): void {
    this.#hasServed = true;
    this.#options.log.info('process.ready', { slot: member.slot, child: member.pid });
    this.#count();
    if (this.#isStopping) return;
    if (this.#slots.every((slot) => slot.member?.state === 'ready')) this.#allReady.resolve();
    this.#options.manager.status(this.#statusText());
  }

  #forget(member: Member): void {
    this.#members.delete(member);
    this.#ledger.add(member.metrics);
    this.#relay.forget(member);
    this.#count();
  }

  async #died(member: Member, code: number | null, signal: string | null): Promise<void> {
    const livedMs = performance.now() - member.startedAtMs;
    const { log } = this.#options;
    log.error('process.died', {
      slot: member.slot,
      child: member.pid,
      code,
      signal,
      livedMs: Math.round(livedMs),
    });
    const slot = this.#slots[member.slot]!;
    // A replacement that did not come to be: the one before goes on.
    if (slot.member !== member || this.#isStopping) return;
    this.#metrics.replaced(member.wasSilent ? 'silent' : 'crashed');
    slot.member = undefined;
    await this.#refill(slot, livedMs, code);
  }

  /** Fills a slot whose process lived so long: at once, or ever later. */
  async #refill(slot: Slot, livedMs: number, code: number | null): Promise<void> {
    const { log } = this.#options;
    const waitMs = slot.backoff.failed(livedMs);
    const { failures } = slot.backoff;
    if (!this.#hasServed && (code === EXIT.usage || failures >= START_ATTEMPTS)) {
      log.critical('supervisor.startFailed', { attempts: failures, code });
      await this.stop(true, code === EXIT.usage ? EXIT.usage : EXIT.failed);
      return;
    }
    this.#options.manager.status(this.#statusText());
    if (waitMs > 0) {
      // Nobody would accept what the kernel puts into its queue: the others get it.
      this.#closeSocket(slot);
      log.warning('process.waiting', { slot: slot.index, failures, waitMs });
      await sleep(waitMs);
    }
    if (!this.#isStopping && slot.member === undefined) await this.#fill(slot);
  }

  #closeSocket(slot: Slot): void {
    if (slot.descriptor === undefined || this.#slots.every(({ member }) => member?.state !== 'ready')) return;
    this.#options.sockets.close(slot.descriptor);
    slot.descriptor = undefined;
  }

  async #recycle(member: Member): Promise<void> {
    await sleep(SETTLE_MS, undefined, { ref: false });
    const slot = this.#slots[member.slot]!;
    if (slot.member === member && performance.now() >= slot.letBeUntilMs)
      await this.#replace(slot, 'recycled');
  }

  /** False when the process before goes on, as no new one came to serve. */
  #replace(slot: Slot, reason: 'recycled' | 'reloaded'): Promise<boolean> {
    slot.replacing ??= this.#replaceInTurn(slot, reason).finally(() => {
      slot.replacing = undefined;
    });
    return slot.replacing;
  }

  async #replaceInTurn(slot: Slot, reason: 'recycled' | 'reloaded'): Promise<boolean> {
    const turn = this.#turn.then(() => this.#exchange(slot, reason));
    this.#turn = turn.then(() => undefined);
    const isReplaced = await turn;
    if (!isReplaced) slot.letBeUntilMs = performance.now() + RETRY_MS;
    return isReplaced;
  }

  async #exchange(slot: Slot, reason: 'recycled' | 'reloaded'): Promise<boolean> {
    const before = slot.member;
    if (this.#isStopping || before?.state !== 'ready') return true;
    const fresh = this.#start(slot);
    if (!fresh || !(await fresh.ready)) return false;
    // The one before may have died meanwhile, and another one been started in its place.
    const leaving = slot.member === before || slot.member === undefined ? before : fresh;
    if (leaving === before) slot.member = fresh;
    this.#metrics.replaced(reason);
    if (this.#isStopping) return true;
    const graceMs = this.#options.config.GRACEFUL_TIMEOUT * 1000;
    await leaving.leave({ delayMs: 0, graceMs, lingerMs: LINGER_MS.replaced });
    return true;
  }

  /** Kills whoever has been silent for TIMEOUT, unless it was this process that slept. */
  #look(): void {
    const nowMs = performance.now();
    const wasAsleep = nowMs - this.#lastLookMs > 2 * LOOK_MS;
    this.#lastLookMs = nowMs;
    const timeoutMs = this.#options.config.TIMEOUT * 1000;
    for (const member of this.#members) {
      if (wasAsleep) member.lastSeenMs = nowMs;
      const limitMs = member.state === 'starting' ? this.startMs : timeoutMs;
      if (member.state === 'leaving' || nowMs - member.lastSeenMs <= limitMs) continue;
      this.#options.log.error('process.silent', { slot: member.slot, child: member.pid, timeoutMs: limitMs });
      member.wasSilent = true;
      member.lastSeenMs = nowMs;
      member.kill('SIGKILL');
    }
  }

  #count(): void {
    this.#metrics.count([...this.#members].map(({ state }) => state));
  }

  /** What stands beside the metrics of the processes that run. */
  #ownMetrics(): MetricObject[][] {
    return [...this.#ledger.ended, this.#metrics.snapshot()];
  }

  #statusText(): string {
    const ready = this.#slots.filter(({ member }) => member?.state === 'ready').length;
    return `${ready} of ${this.#slots.length} processes serve ${this.#options.url}`;
  }
}
