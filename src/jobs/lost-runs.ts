import { type Clock, iso } from '../base/clock.ts';
import type { FaultPoints } from '../base/fault-point.ts';
import type { Held } from '../store/leases.ts';
import type { RunBeat } from '../store/run-claims.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { WatchedTime } from './watched-time.ts';

export interface LostRunsDeps {
  store: Store;
  clock: Clock;
  steady: Clock;
  log: Log;
  metrics: Metrics;
  leaseMs: number;
  maxLosses: number;
  faults: FaultPoints;
}

/** Finds runs whose process died: those that claim and beat of have stood still for the lease time, as this process watched them. */
export class LostRuns {
  #seen = new Map<string, { beat: RunBeat; sinceMs: number }>();
  readonly #watched: WatchedTime;

  constructor(readonly deps: LostRunsDeps) {
    this.#watched = new WatchedTime(deps.steady, deps.leaseMs);
  }

  /** Puts lost runs back into the queue: as the holder of the lease, or where no process leads. */
  async requeue(held: Held | undefined): Promise<void> {
    const { store, clock, leaseMs, maxLosses, log, metrics, faults } = this.deps;
    const beats = await store.runClaims.beats();
    const nowMs = this.#watched.look();
    this.#seen = new Map(
      beats.map((beat) => {
        const before = this.#seen.get(beat.runId);
        const isSame = before?.beat.number === beat.number && before.beat.beat === beat.beat;
        return [beat.runId, { beat, sinceMs: isSame ? before.sinceMs : nowMs }];
      }),
    );
    for (const { beat, sinceMs } of this.#seen.values()) {
      if (nowMs - sinceMs < leaseMs) continue;
      await faults.reach('lost.before');
      const outcome = await store.transaction(async (nouns) => {
        if (held) await nouns.leases.hold(held);
        const became = await nouns.runClaims.requeueLost(beat, iso(clock.now()), maxLosses);
        await faults.reach('lost.within');
        return became;
      });
      await faults.reach('lost.after');
      if (outcome === undefined) continue;
      metrics.runs.inc({ kind: beat.kind, outcome: 'lost' });
      if (outcome === 'failed') metrics.limitsHit.inc({ limit: 'JOB_MAX_LOSSES' });
      log.warning('run.lost', { id: beat.runId, kind: beat.kind, outcome });
    }
  }

  /** For one that leads no more: what it saw long ago says nothing. */
  forget(): void {
    this.#seen.clear();
  }
}
