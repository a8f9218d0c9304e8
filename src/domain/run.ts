import type { ErrorData } from '../base/errors.ts';

/**
 * Where a run is. `queued` (perhaps until a later time) → `running` → `succeeded`, `failed` or `aborted`; `running` → `queued` again when it is
 * retried or its process died; `queued` → `aborted`, or `skipped` where another run made it needless.
 */
export const RUN_STATES = ['queued', 'running', 'succeeded', 'failed', 'aborted', 'skipped'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** Why a run is there. */
export const RUN_TRIGGERS = ['schedule', 'manual', 'backfill', 'housekeeping'] as const;
export type RunTrigger = (typeof RUN_TRIGGERS)[number];

/**
 * The right to work on a run. `number` grows each time the run is claimed, so that what a process that was taken for dead still writes
 * is told from what its successor writes: whatever others will see is written in one transaction with `fence` of the store.
 */
export interface Claim {
  runId: string;
  number: number;
}

/** How far a run is; what is not known is null. */
export interface Progress {
  /** What it is doing, such as `read`, `publish`. */
  phase: string | null;
  rows: number | null;
  bytes: number | null;
  /** The rows that it will have in the end, as far as can be said. */
  expectedRows: number | null;
}

/** What a job is given to run with. */
export interface RunContext {
  claim: Claim;
  /** 1 at first. */
  attempt: number;
  trigger: RunTrigger;
  /** Aborts when the run was aborted, is over its time, or belongs to another process by now; the reason is an AppError. */
  signal: AbortSignal;
  /** Cheap; call it as often as there is news. */
  progress(change: Partial<Progress>): void;
  /** A line of the run's log; must hold no secret. */
  log(level: 'info' | 'warning' | 'error', text: string, facts?: Record<string, unknown>): void;
}

/** What ended a run, with the step that it was in. */
export interface RunFault extends Pick<ErrorData, 'code' | 'detail' | 'pointer' | 'params'> {
  step: string | null;
}

export const RUN_LOG_LEVELS = ['info', 'warning', 'error'] as const;
export type RunLogLevel = (typeof RUN_LOG_LEVELS)[number];

/** A line of a run's log; `line` counts from 1. */
export interface RunLogLine {
  line: number;
  at: string;
  level: RunLogLevel;
  text: string;
  facts: Record<string, unknown> | null;
}

export const NO_PROGRESS: Readonly<Progress> = { phase: null, rows: null, bytes: null, expectedRows: null };

/** Work to be done. */
export interface NewRun {
  /** A job kind of the registry. */
  kind: string;
  /** What it is about, such as a sync task; two runs of one subject never run at once. */
  subjectId: string | null;
  trigger: RunTrigger;
  /** Plain JSON that the job understands; must hold no secret. */
  input: Record<string, unknown>;
  createdBy: string | null;
  /** ISO time before which it does not start; at once where it is left out. */
  availableAt?: string | undefined;
  fireId?: string | undefined;
  /** Of the runs that share a key, such as a datasource's id, at most `concurrencyLimit` (1) run at once in all processes. */
  concurrencyKey?: string | undefined;
  concurrencyLimit?: number | undefined;
}

/** A run as it is kept and shown. Times are ISO text. */
export interface Run {
  id: string;
  kind: string;
  subjectId: string | null;
  trigger: RunTrigger;
  fireId: string | null;
  state: RunState;
  /** How often it was started. */
  attempt: number;
  input: Record<string, unknown>;
  progress: Progress;
  /** Of the last attempt; a run that waits for its retry has one too. */
  fault: RunFault | null;
  result: Record<string, unknown> | null;
  abortRequested: boolean;
  /** The process that runs or ran it. */
  claimedBy: string | null;
  availableAt: string;
  createdAt: string;
  createdBy: string | null;
  /** Of the last attempt. */
  startedAt: string | null;
  endedAt: string | null;
}

export interface RunFilter {
  kind?: string | undefined;
  state?: RunState | undefined;
  subject?: string | undefined;
  /** Made after the run of this id. */
  after?: string | undefined;
}
