import type { IncomingMessage } from 'node:http';
import { deadline, orAborted } from '../base/abort.ts';
import { AppError } from '../base/errors.ts';
import type { Limit, Metrics } from '../telemetry/metrics.ts';
import { ACCEPTED_ENCODINGS, bodyOf } from './body.ts';
import { exchange, exchangeError, type Hop } from './exchange.ts';
import { isOfConnecting, timedOut } from './failures.ts';
import { type Guard, parseTarget, type Resolver, type Target } from './guard.ts';
import { isRedirect, nextHop } from './redirect.ts';

/** Who calls; a label of metrics. */
export type Purpose = 'ingest' | 'webhook' | 'ai';

export interface OutboundRequest {
  purpose: Purpose;
  method: string;
  url: string;
  headers?: Readonly<Record<string, string>> | undefined;
  body?: string | Uint8Array | undefined;
  signal: AbortSignal;
  /** Below OUTBOUND_MAX_BYTES. */
  maxBytes?: number | undefined;
  /** Below OUTBOUND_TIMEOUT_SECONDS. */
  timeoutMs?: number | undefined;
  /** How long the server may say nothing, where that is longer than OUTBOUND_IDLE_SECONDS. */
  idleMs?: number | undefined;
  /** None by default: a redirect is an answer like others. */
  maxRedirects?: number | undefined;
}

export interface OutboundAnswer {
  status: number;
  /** Names in lower case; what came several times is joined by commas. */
  headers: Readonly<Record<string, string>>;
  /** Where it came from in the end. */
  url: string;
  /** Host and port, for messages. */
  place: string;
  /** To be read once, or ended by `discard`. */
  body: AsyncGenerator<Uint8Array>;
  /** Ends the connection; what was not read is lost. */
  discard(): Promise<void>;
}

export interface OutboundOptions {
  guard: Guard;
  resolver: Resolver;
  metrics: Metrics;
  maxBytes: number;
  timeoutMs: number;
  idleMs: number;
  connectMs: number;
  /** Authorities beside the system's, in PEM. */
  ca?: readonly string[] | undefined;
}

const USER_AGENT = 'reporting-api';
const COUNTED: readonly Limit[] = [
  'OUTBOUND_ALLOW',
  'OUTBOUND_PORTS',
  'OUTBOUND_MAX_BYTES',
  'OUTBOUND_TIMEOUT_SECONDS',
  'OUTBOUND_IDLE_SECONDS',
  'OUTBOUND_CONNECT_SECONDS',
];
const LIMIT_OF_BLOCK: Readonly<Record<string, Limit>> = { address: 'OUTBOUND_ALLOW', port: 'OUTBOUND_PORTS' };

type Deadline = ReturnType<typeof deadline>;

/** The only way out: every HTTP call that the service makes of its own goes through here. Redirects and names are checked at each hop. */
export class OutboundClient {
  constructor(readonly options: OutboundOptions) {}

  /** Resolves with the head of the answer, whatever its status. Throws AppError `outbound.*`, `request.invalid`, or the signal's reason. */
  async send(request: OutboundRequest): Promise<OutboundAnswer> {
    const { timeoutMs } = this.options;
    const target = parseTarget(request.url);
    const ms = Math.min(timeoutMs, request.timeoutMs ?? timeoutMs);
    const late = () =>
      timedOut(
        target.place,
        ms / 1000,
        ms === timeoutMs ? 'OUTBOUND_TIMEOUT_SECONDS' : '',
        'was not done after',
      );
    const time = deadline(ms, late, request.signal);
    try {
      const { response, hop } = await this.#follow(this.#firstHop(request, target), request, time.signal);
      return this.#answer(response, hop.target, request, time);
    } catch (error) {
      time.clear();
      this.#count(request.purpose, error);
      throw error;
    }
  }

  #firstHop({ method, headers = {}, body }: OutboundRequest, target: Target): Hop {
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    const defaults = { 'user-agent': USER_AGENT, accept: '*/*', 'accept-encoding': ACCEPTED_ENCODINGS };
    return {
      target,
      method,
      headers: { ...defaults, ...Object.fromEntries(lower) },
      body: typeof body === 'string' ? Buffer.from(body) : body,
    };
  }

  async #follow(first: Hop, request: OutboundRequest, signal: AbortSignal) {
    const { maxRedirects = 0 } = request;
    let hop = first;
    for (let left = maxRedirects; ; left--) {
      const response = await this.#reach(hop, this.#idleMs(request), signal);
      const status = response.statusCode ?? 0;
      if (maxRedirects === 0 || !isRedirect(status)) return { response, hop };
      response.destroy();
      if (left === 0)
        throw new AppError(
          'outbound.redirect',
          `${hop.target.place} redirects more than ${maxRedirects} times`,
          {
            params: { host: hop.target.place },
          },
        );
      hop = nextHop(hop, status, response.headers.location);
    }
  }

  #idleMs({ idleMs = 0 }: OutboundRequest): number {
    return Math.max(idleMs, this.options.idleMs);
  }

  /** Looks the name up once, checks all of its addresses, and asks the first that takes the connection. */
  async #reach(hop: Hop, idleMs: number, signal: AbortSignal): Promise<IncomingMessage> {
    const { target } = hop;
    const { guard, connectMs, ca } = this.options;
    const addresses = await this.#addresses(target, signal);
    guard.check(target, addresses);
    let last: unknown;
    for (const address of addresses) {
      try {
        return await exchange(hop, address, { connectMs, idleMs, ca, signal });
      } catch (error) {
        last = error;
        if (signal.aborted || !isOfConnecting(error)) break;
      }
    }
    throw exchangeError(last, target, signal);
  }

  async #addresses(target: Target, signal: AbortSignal): Promise<readonly string[]> {
    const { resolver, connectMs } = this.options;
    if (target.isAddress) return [target.host];
    const late = () =>
      timedOut(
        target.place,
        connectMs / 1000,
        'OUTBOUND_CONNECT_SECONDS',
        'was not found by its name within',
      );
    const time = deadline(connectMs, late, signal);
    try {
      const found = await orAborted(resolver(target.host), time.signal);
      if (found.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
      return found;
    } catch (error) {
      throw exchangeError(error, target, signal);
    } finally {
      time.clear();
    }
  }

  #answer(
    response: IncomingMessage,
    target: Target,
    request: OutboundRequest,
    time: Deadline,
  ): OutboundAnswer {
    const headers = Object.entries(response.headers).map(([name, value]) => [
      name,
      [value].flat().join(', '),
    ]);
    let isOpen = true;
    const end = (error?: unknown) => {
      if (!isOpen) return;
      isOpen = false;
      time.clear();
      this.#count(request.purpose, error);
    };
    const body = this.#body(response, target, request, time.signal, end);
    return {
      status: response.statusCode ?? 0,
      headers: Object.fromEntries(headers) as Record<string, string>,
      url: target.url.href,
      place: target.place,
      body,
      async discard() {
        end();
        response.destroy();
        await body.return(undefined);
      },
    };
  }

  async *#body(
    response: IncomingMessage,
    { place }: Target,
    request: OutboundRequest,
    signal: AbortSignal,
    end: (error?: unknown) => void,
  ) {
    const { metrics, maxBytes: most } = this.options;
    const { purpose } = request;
    const maxBytes = Math.min(most, request.maxBytes ?? most);
    const limit = maxBytes === most ? 'OUTBOUND_MAX_BYTES' : '';
    const limits = { maxBytes, limit, idleMs: this.#idleMs(request) };
    try {
      for await (const chunk of bodyOf(response, place, limits, signal)) {
        metrics.outboundBytes.inc({ purpose }, chunk.length);
        yield chunk;
      }
    } catch (error) {
      end(error);
      throw error;
    } finally {
      end();
    }
  }

  #count(purpose: Purpose, error: unknown): void {
    const { metrics } = this.options;
    const outcome =
      error === undefined
        ? 'ok'
        : error instanceof AppError
          ? error.code.replace(/^outbound\./, '')
          : 'cancelled';
    metrics.outboundRequests.inc({ purpose, outcome });
    if (!(error instanceof AppError)) return;
    const named =
      error.code === 'outbound.blocked' ? LIMIT_OF_BLOCK[String(error.params?.reason)] : error.params?.limit;
    const limit = COUNTED.find((name) => name === named);
    if (limit) metrics.limitsHit.inc({ limit });
  }
}
