import { AppError, describe, toErrorData } from '../base/errors.ts';
import type { Principal } from '../domain/principal.ts';
import { parse } from '../domain/schema.ts';
import type { LiveFeed, Watcher } from '../services/live-feed.ts';
import type { ShownRun } from '../services/runs.ts';
import type { Log } from '../telemetry/log.ts';
import type { Authenticate, Credentials } from './access.ts';
import { LIVE_CODES, LiveMessage, MAX_TOPICS } from './live-protocol.ts';

/** The other end, as far as a client of `/api/live` needs it. */
export interface LiveSocket {
  send(text: string): number;
  getBufferedAmount(): number;
  close(code: number, reason: string): void;
  terminate(): void;
}

export interface LiveClientDeps {
  feed: LiveFeed;
  authenticate: Authenticate;
  log: Log;
  maxBufferBytes: number;
  /** Resolves when a message may be handled: many come at once. */
  turn(): Promise<void> | undefined;
  /** Counts why the service dropped a client. */
  dropped(reason: 'slow' | 'rights'): void;
}

const AUTH_MS = 10_000;

/** A connection to `/api/live`: who it is, what it asked for, what it was told. */
export class LiveClient implements Watcher {
  readonly #topics = new Set<string>();
  readonly #lastLine = new Map<string, number>();
  readonly #lastGeneration = new Map<string, number>();
  #principal: Principal | undefined;
  #credentials: Credentials | undefined;
  #socket: LiveSocket | undefined;
  /** Messages are handled one after another, and so is the sending of logs. */
  #turn: Promise<void> = Promise.resolve();
  #authTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly deps: LiveClientDeps,
    readonly address: string,
    signedIn: { principal: Principal; credentials: Credentials } | undefined,
  ) {
    this.#principal = signedIn?.principal;
    this.#credentials = signedIn?.credentials;
  }

  async open(socket: LiveSocket): Promise<void> {
    this.#socket = socket;
    if (this.#principal) await this.#admit(this.#principal);
    else this.#authTimer = setTimeout(() => this.#end('unauthorized', 'No token came in time'), AUTH_MS);
  }

  hear(text: string): void {
    this.#then(async () => {
      await this.deps.turn();
      await this.#handle(text);
    });
  }

  closed(): void {
    clearTimeout(this.#authTimer);
    this.#socket = undefined;
    this.deps.feed.leave(this);
  }

  goAway(): void {
    this.#end('goingAway', 'The service stops');
  }

  /** Says that the connection lives; ends it when its owner's rights are gone. */
  async beat(at: string): Promise<void> {
    if (!this.#principal || !this.#credentials) return;
    if (!(await this.#authenticated(this.#credentials))) {
      this.deps.dropped('rights');
      this.#end('unauthorized', 'The sign-in is not valid any more');
      return;
    }
    this.#send({ type: 'heartbeat', at });
  }

  *datasets(): Iterable<string> {
    for (const topic of this.#topics) if (topic.startsWith('dataset:')) yield topic.slice('dataset:'.length);
  }

  onRun(run: ShownRun): void {
    const isWatched = this.#topics.has(`run:${run.id}`);
    if (isWatched || this.#topics.has('runs')) this.#send({ type: 'run', run });
    if (isWatched) this.#then(() => this.#sendLog(run.id));
  }

  onDataset(id: string, generation: number): void {
    if (!this.#topics.has(`dataset:${id}`) || this.#lastGeneration.get(id) === generation) return;
    this.#lastGeneration.set(id, generation);
    this.#send({ type: 'dataset', dataset: { id, generation } });
  }

  async #handle(text: string): Promise<void> {
    try {
      const message = parse(LiveMessage, readJson(text));
      if (message.type === 'auth') return await this.#auth(message.token);
      if (!this.#principal) return this.#end('unauthorized', 'Sign in first');
      if (message.type === 'ping') this.#send({ type: 'pong' });
      else if (message.type === 'unsubscribe') for (const topic of message.topics) this.#forget(topic);
      else await this.#subscribe(message.topics);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { code, detail, pointer } = toErrorData(error);
      this.#send({ type: 'error', code, detail, ...(pointer ? { pointer } : {}) });
    }
  }

  async #auth(token: string): Promise<void> {
    if (this.#principal) return;
    const credentials = { authorization: `Bearer ${token}`, method: 'GET', address: this.address };
    const principal = await this.#authenticated(credentials);
    if (!principal) return this.#end('unauthorized', 'The token is not valid');
    this.#credentials = credentials;
    await this.#admit(principal);
  }

  async #authenticated(credentials: Credentials): Promise<Principal | undefined> {
    try {
      return await this.deps.authenticate(credentials);
    } catch (error) {
      if (error instanceof AppError && error.code.startsWith('auth.')) return undefined;
      throw error;
    }
  }

  async #admit(principal: Principal): Promise<void> {
    clearTimeout(this.#authTimer);
    if (!principal.scopes.includes('read')) return this.#end('forbidden', 'This needs the right to read');
    this.#principal = principal;
    await this.deps.feed.watch(this);
    this.#send({ type: 'ready', userId: principal.userId });
  }

  async #subscribe(topics: readonly string[]): Promise<void> {
    for (const topic of topics) {
      if (this.#topics.has(topic)) continue;
      if (this.#topics.size >= MAX_TOPICS)
        throw new AppError('request.invalid', `A connection has at most ${MAX_TOPICS} topics`);
      const [kind, id = ''] = topic.split(':');
      const run = kind === 'run' ? await this.deps.feed.get(id) : undefined;
      this.#topics.add(topic);
      this.#send({ type: 'subscribed', topic });
      if (run) {
        this.#send({ type: 'run', run });
        await this.#sendLog(id);
      }
      if (kind === 'dataset') {
        const generation = await this.deps.feed.generation(id);
        if (generation !== undefined) this.onDataset(id, generation);
      }
    }
  }

  #forget(topic: string): void {
    this.#topics.delete(topic);
    const [, id = ''] = topic.split(':');
    this.#lastLine.delete(id);
    this.#lastGeneration.delete(id);
  }

  async #sendLog(runId: string): Promise<void> {
    while (this.#socket && this.#topics.has(`run:${runId}`)) {
      const lines = await this.deps.feed.log(runId, this.#lastLine.get(runId) ?? 0);
      const last = lines.at(-1);
      if (!last) return;
      this.#lastLine.set(runId, last.line);
      this.#send({ type: 'log', runId, lines });
    }
  }

  #then(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(work).catch((error) => {
      this.deps.log.error('live.failed', { cause: describe(error) });
      this.#send({ type: 'error', code: 'internal', detail: 'An unexpected error occurred' });
    });
  }

  #send(message: object): void {
    const socket = this.#socket;
    if (!socket) return;
    socket.send(JSON.stringify(message));
    if (socket.getBufferedAmount() <= this.deps.maxBufferBytes) return;
    this.deps.dropped('slow');
    this.#end('slow', 'The client reads too slowly');
    socket.terminate();
  }

  #end(code: keyof typeof LIVE_CODES, reason: string): void {
    this.#socket?.close(LIVE_CODES[code], reason);
    this.closed();
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('request.parse', 'A message must be a JSON object', { cause });
  }
}
