import type { MetricObject } from './metrics-ledger.ts';

/** What a process may ask all others; each answers with JSON. */
export type Question = 'running' | 'cancel' | 'stats' | 'metrics';

/** What a process needs to know beside the settings. */
export interface Assignment {
  slot: number;
  /** How many share the machine. */
  processes: number;
  /** The port that is shared; PORT may say 0. */
  port: number;
  startKey: string | undefined;
  /** Make the demo data. */
  demo: boolean;
}

export interface StopOrder {
  /** How long readiness says no before the port closes. */
  delayMs: number;
  graceMs: number;
  /** What idle connections get to send their last request. */
  lingerMs: number;
}

export interface Beat {
  requests: number;
  rssBytes: number;
}

export type FromProcess =
  | { kind: 'hello' }
  | { kind: 'ready' }
  | { kind: 'beat'; beat: Beat; metrics?: MetricObject[] }
  /** It wants to be replaced, and goes on meanwhile. */
  | { kind: 'replace' }
  | { kind: 'ask'; id: number; question: Question; params: unknown }
  | { kind: 'answer'; id: number; value: unknown }
  /** Its last word. */
  | { kind: 'bye'; metrics: MetricObject[] };

export type ToProcess =
  | { kind: 'assignment'; assignment: Assignment }
  | ({ kind: 'stop' } & StopOrder)
  | { kind: 'ask'; id: number; question: Question; params: unknown }
  | { kind: 'answers'; id: number; values: unknown[] };
