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
