import type { ExpressionBuilder, UpdateObject } from 'kysely';
import { type FaultPoints, NO_FAULTS } from '../base/fault-point.ts';
import {
  type Claim,
  NO_PROGRESS,
  type Progress,
  RUN_TRIGGERS,
  type Run,
  type RunFault,
  type RunLogLine,
  type RunTrigger,
} from '../domain/run.ts';
import type { Db } from './database.ts';
import { fence } from './fence.ts';
import { atomically, nextRevision } from './revision.ts';
import { toRun } from './runs.ts';
import type { Tables } from './tables.ts';

export interface ClaimedRun {
  run: Run;
  claim: Claim;
  /** Attempts that ended with a fault before this one. */
  failures: number;
}

export interface ClaimRequest {
  /** The job kinds that the process knows. */
  kinds: readonly string[];
  /** Those that the process takes; all where it is left out. */
  triggers?: readonly RunTrigger[] | undefined;
  by: string;
  at: string;
  most: number;
}

/** What a claimant must know of a run that it believes to be its own. */
export interface ClaimWatch {
  runId: string;
  isOwn: boolean;
  abortRequested: boolean;
}

/** News of a run; the lines are numbered by the store. */
export interface RunNews {
  progress: Progress;
  lines: readonly Omit<RunLogLine, 'line'>[];
}

/** A running run as the leader watches it. */
export interface RunBeat {
  runId: string;
  kind: string;
  number: number;
  beat: number;
}

type RunChange = UpdateObject<Tables, 'runs'>;

const LOST: RunFault = {
  code: 'worker.died',
  detail: 'The process of the run died, as often as a run may lose its process',
  step: null,
};
const FULL = { level: 'warning', text: 'The log is full: what follows is left out', facts: null } as const;
const ABORTED: RunFault = { code: 'run.aborted', detail: 'The run was aborted', step: null };

/** Whether fewer runs of the run's concurrency key than may are running, or as many. */
const runningOfItsKey =
  (than: '<' | '>=') =>
  ({ eb, selectFrom }: ExpressionBuilder<Tables & { r: Tables['runs'] }, 'r'>) =>
    eb(
      selectFrom('runs as k')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .where('k.state', '=', 'running')
        .whereRef('k.concurrency_key', '=', 'r.concurrency_key'),
      than,
      eb.ref('r.concurrency_limit'),
    );

/** Of the queued runs that may start now, the one that waits longest. One that was never put off does not wait for a clock that was set back. */
function startable(transaction: Db, { kinds, at, triggers = RUN_TRIGGERS }: ClaimRequest) {
  return transaction
    .selectFrom('runs as r')
    .selectAll()
    .where('r.state', '=', 'queued')
    .where(({ eb, or }) =>
      or([eb('r.available_at', '<=', at), eb('r.available_at', '=', eb.ref('r.created_at'))]),
    )
    .where('r.kind', 'in', [...kinds])
    .where('r.trigger_kind', 'in', [...triggers])
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('runs as s')
            .select('s.id')
            .where('s.state', '=', 'running')
            .whereRef('s.subject_id', '=', 'r.subject_id'),
        ),
      ),
    )
    .where(runningOfItsKey('<'))
    .orderBy('r.available_at')
    .orderBy('r.id')
    .limit(1);
}

/** Writes what others see of a run that is still the claimant's. */
async function change(transaction: Db, claim: Claim, values: RunChange): Promise<void> {
  await fence(transaction, claim);
  const revision = await nextRevision(transaction);
  await transaction
    .updateTable('runs')
    .set({ ...values, revision })
    .where('id', '=', claim.runId)
    .execute();
}

/** Back to `queued`, unless somebody wants the run to end. */
async function queueAgain(transaction: Db, claim: Claim, at: string, values: RunChange): Promise<void> {
  await fence(transaction, claim);
  const { abort_requested } = await transaction
    .selectFrom('runs')
    .select('abort_requested')
    .where('id', '=', claim.runId)
    .executeTakeFirstOrThrow();
  const aborted = { state: 'aborted', ended_at: at, fault: JSON.stringify(ABORTED) };
  await change(transaction, claim, abort_requested === 1 ? aborted : { ...values, state: 'queued' });
}

/** What claimants of runs write; every write of theirs but the claim itself throws `run.fenced` once the run is another's. */
export function runClaimStore(db: Db, faults: FaultPoints = NO_FAULTS) {
  const complete = (work: (transaction: Db) => Promise<void>) =>
    atomically(db, async (transaction) => {
      await work(transaction);
      await faults.reach('complete.within');
    });
  const leave = (claim: Claim, values: RunChange) =>
    complete((transaction) => change(transaction, claim, values));

  return {
    /** Whether a claim could find something; takes no lock. */
    async hasDue({
      kinds,
      at,
      triggers = RUN_TRIGGERS,
    }: Omit<ClaimRequest, 'by' | 'most'>): Promise<boolean> {
      const row = await db
        .selectFrom('runs')
        .select('id')
        .where('state', '=', 'queued')
        .where(({ eb, or }) =>
          or([eb('available_at', '<=', at), eb('available_at', '=', eb.ref('created_at'))]),
        )
        .where('kind', 'in', [...kinds])
        .where('trigger_kind', 'in', [...triggers])
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    /** Takes up to `most` runs that may start: no other runs of their subjects, nor too many of their keys. */
    async claim(request: ClaimRequest): Promise<ClaimedRun[]> {
      return atomically(db, async (transaction) => {
        const claimed: ClaimedRun[] = [];
        while (claimed.length < request.most) {
          const row = await startable(transaction, request).executeTakeFirst();
          if (!row) break;
          const revision = await nextRevision(transaction);
          const change = {
            ...{ state: 'running', attempt: row.attempt + 1, claim: row.claim + 1, claimed_by: request.by },
            ...{ started_at: request.at, progress: JSON.stringify(NO_PROGRESS), revision },
          };
          const { numUpdatedRows } = await transaction
            .updateTable('runs')
            .set(change)
            .where('id', '=', row.id)
            .where('state', '=', 'queued')
            .where('claim', '=', row.claim)
            .executeTakeFirst();
          if (numUpdatedRows === 0n) continue;
          const claim = { runId: row.id, number: change.claim };
          claimed.push({ run: toRun({ ...row, ...change }), claim, failures: row.failures });
        }
        if (claimed.length > 0) await faults.reach('claim.within');
        return claimed;
      });
    },

    /** Queued runs that could start but for the others of their key. */
    async heldBack(kinds: readonly string[], at: string): Promise<string[]> {
      const rows = await db
        .selectFrom('runs as r')
        .select('r.id')
        .where('r.state', '=', 'queued')
        .where('r.available_at', '<=', at)
        .where('r.kind', 'in', [...kinds])
        .where(runningOfItsKey('>='))
        .where('r.concurrency_key', 'is not', null)
        .execute();
      return rows.map(({ id }) => id);
    },

    /** Says that the claimant lives. */
    async beat(claims: readonly Claim[]): Promise<void> {
      await atomically(db, async (transaction) => {
        for (const { runId, number } of claims)
          await transaction
            .updateTable('runs')
            .set(({ eb }) => ({ beat: eb('beat', '+', 1) }))
            .where('id', '=', runId)
            .where('claim', '=', number)
            .where('state', '=', 'running')
            .execute();
        await faults.reach('beat.within');
      });
    },

    async watch(claims: readonly Claim[]): Promise<ClaimWatch[]> {
      const ids = claims.map(({ runId }) => runId);
      const rows = await db
        .selectFrom('runs')
        .select(['id', 'claim', 'state', 'abort_requested'])
        .where('id', 'in', ids)
        .execute();
      const found = new Map(rows.map((row) => [row.id, row]));
      return claims.map(({ runId, number }) => {
        const row = found.get(runId);
        const isOwn = row?.state === 'running' && Number(row.claim) === number;
        return { runId, isOwn, abortRequested: row?.abort_requested === 1 };
      });
    },

    /** Keeps news, of the lines as many as there is room for, and says in the last one that more are left out; gives how many were kept. */
    async note(claim: Claim, { progress, lines }: RunNews, maxLines: number): Promise<number> {
      return atomically(db, async (transaction) => {
        await fence(transaction, claim);
        const { last } = await transaction
          .selectFrom('run_log')
          .select(({ fn }) => fn.max('line').as('last'))
          .where('run_id', '=', claim.runId)
          .executeTakeFirstOrThrow();
        const first = Number(last ?? 0) + 1;
        const kept = lines.slice(0, Math.max(0, maxLines - first));
        const left = lines[kept.length];
        const isFull = left !== undefined && first + kept.length <= maxLines;
        const written = isFull ? [...kept, { at: left.at, ...FULL }] : kept;
        for (const [i, { at, level, text, facts }] of written.entries())
          await transaction
            .insertInto('run_log')
            .values({
              ...{ run_id: claim.runId, line: first + i, at, level, text },
              facts: facts === null ? null : JSON.stringify(facts),
            })
            .execute();
        await change(transaction, claim, { progress: JSON.stringify(progress) });
        return kept.length;
      });
    },

    succeed: (claim: Claim, result: Record<string, unknown>, at: string) =>
      leave(claim, { state: 'succeeded', ended_at: at, result: JSON.stringify(result), fault: null }),

    fail: (claim: Claim, fault: RunFault, at: string) =>
      leave(claim, { state: 'failed', ended_at: at, fault: JSON.stringify(fault) }),

    abort: (claim: Claim, fault: RunFault, at: string) =>
      leave(claim, { state: 'aborted', ended_at: at, fault: JSON.stringify(fault) }),

    /** To be tried again at `availableAt`, after so many failures. */
    retry: (claim: Claim, retry: { fault: RunFault; failures: number; at: string; availableAt: string }) =>
      complete((transaction) =>
        queueAgain(transaction, claim, retry.at, {
          ...{ available_at: retry.availableAt, failures: retry.failures },
          fault: JSON.stringify(retry.fault),
        }),
      ),

    /** Given back by a process that stops: the attempt does not count. */
    release: (claim: Claim, attempt: number, at: string) =>
      complete((transaction) =>
        queueAgain(transaction, claim, at, { available_at: at, attempt: attempt - 1 }),
      ),

    async beats(): Promise<RunBeat[]> {
      const rows = await db
        .selectFrom('runs')
        .select(['id', 'kind', 'claim', 'beat'])
        .where('state', '=', 'running')
        .execute();
      return rows.map(({ id, kind, claim, beat }) => ({
        ...{ runId: id, kind, number: Number(claim), beat: Number(beat) },
      }));
    },

    /**
     * A run whose process died goes back into the queue, to be gone on with, unless it lost its process too often; what became of it, or
     * undefined when it has shown life since.
     */
    requeueLost: (seen: RunBeat, at: string, maxLosses: number) =>
      atomically(db, async (transaction) => {
        const row = await transaction
          .updateTable('runs')
          .set(({ eb }) => ({ losses: eb('losses', '+', 1) }))
          .where('id', '=', seen.runId)
          .where('state', '=', 'running')
          .where('claim', '=', seen.number)
          .where('beat', '=', seen.beat)
          .returning('losses')
          .executeTakeFirst();
        if (!row) return undefined;
        const claim = { runId: seen.runId, number: seen.number };
        if (row.losses < maxLosses) {
          await queueAgain(transaction, claim, at, { available_at: at });
          return 'queued';
        }
        await change(transaction, claim, { state: 'failed', ended_at: at, fault: JSON.stringify(LOST) });
        return 'failed';
      }),
  };
}

export type RunClaimStore = ReturnType<typeof runClaimStore>;
