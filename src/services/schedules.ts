import type { TSchema } from 'typebox';
import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { inSlices } from '../base/slices.ts';
import type { Caller } from '../domain/audit.ts';
import { instantsAfter, type NextInstant } from '../domain/instants.ts';
import type { NewRun } from '../domain/run.ts';
import type {
  Fire,
  Schedule,
  ScheduleDefinition,
  ScheduleInput,
  SchedulePatch,
  ScheduleTiming,
} from '../domain/schedule.ts';
import { parse } from '../domain/schema.ts';
import type { ScheduleRecord } from '../store/schedules.ts';
import type { Nouns, Store } from '../store/store.ts';
import type { Audit } from './audit.ts';
import { type Runs, UNSCHEDULED } from './runs.ts';
import { placeAt, planOf, timingOf } from './schedule-plan.ts';

/** What a schedule may start: a job kind, what its `job` must hold beside `kind`, and the run that comes of it. */
export interface ScheduleTarget {
  kind: string;
  /** Of the whole `job`, `kind` too; unknown fields refused. */
  schema: TSchema;
  /**
   * The run, as things stand now, of what `subjectId` names while that is there: it may have another name by now. Throws `resource.notFound`
   * with a pointer below `/job` where the target is not there.
   */
  work(
    job: Readonly<Record<string, unknown>>,
    subjectId: string | null,
  ): Promise<Pick<NewRun, 'subjectId' | 'input' | 'concurrencyKey' | 'concurrencyLimit'>>;
}

export interface SchedulesDeps {
  store: Store;
  audit: Audit;
  clock: Clock;
  runs: Runs;
  targets: readonly ScheduleTarget[];
  defaultTimezone: string;
  /** Whether some process starts scheduled work. */
  isScheduled?: (() => boolean) | undefined;
}

export interface ShownSchedule extends Schedule {
  /** The next ten instants, jitter apart; none of a paused one. */
  next: string[];
  /** Why it may not start anything. */
  warnings: string[];
}

const SHOWN = 10;
const ATTEMPTS = 5;

const missing = (nameOrId: string) =>
  new AppError('resource.notFound', `There is no schedule ${JSON.stringify(nameOrId)}`, {
    params: { schedule: nameOrId },
  });

/** Up to where the instants of a schedule are done with. */
const doneOf = ({ lastInstant, createdAt }: ScheduleRecord) => Date.parse(lastInstant ?? createdAt);

/** What starts runs at times. Who may do what is decided before. */
export class Schedules {
  constructor(readonly deps: SchedulesDeps) {}

  async get(nameOrId: string): Promise<ShownSchedule> {
    return this.#shown(await this.#find(nameOrId));
  }

  /** In order of ids, those after `after`. */
  async list(limit: number, after?: string): Promise<ShownSchedule[]> {
    const shown: ShownSchedule[] = [];
    const records = await this.deps.store.schedules.list(limit, after);
    await inSlices(records, async (record) => shown.push(await this.#shown(record)));
    return shown;
  }

  /** The fires of a schedule, the latest first, those before the instant `before`. */
  async fires(nameOrId: string, limit: number, before?: string): Promise<Fire[]> {
    const { id } = await this.#find(nameOrId);
    return this.deps.store.schedules.fires(id, limit, before);
  }

  /** The next ten instants that a schedule of this timing would have. Throws `request.invalid`. */
  async preview(timing: ScheduleTiming): Promise<string[]> {
    const complete = { timezone: this.deps.defaultTimezone, ...timing };
    return this.#instants(await planOf(complete, this.deps.store));
  }

  async create(input: ScheduleInput, caller: Caller): Promise<ShownSchedule> {
    const { store, clock, audit } = this.deps;
    const { enabled = true, ...given } = input;
    const definition = this.#complete(given);
    const subjectId = await this.#checkTarget(definition);
    const now = clock.now();
    const [id, at] = [newId('sch', now), iso(now)];
    await store.transaction(async (nouns) => {
      const place = await this.#placed({ id, definition, enabled, nextInstant: null }, now, nouns);
      const times = { lastInstant: null, createdAt: at, createdBy: caller.actor, updatedAt: at };
      await nouns.schedules.insert({ id, definition, enabled, version: 1, subjectId, ...place, ...times });
      const detail = { name: definition.name, cron: definition.cron, job: definition.job };
      await audit.within(nouns).record({ action: 'schedule.create', target: id, detail }, caller);
    });
    return this.get(id);
  }

  /** Fields that are not named stay. In force at once: whoever leads reads what is due from the store. */
  async update(nameOrId: string, patch: SchedulePatch, caller: Caller): Promise<ShownSchedule> {
    for (let attempt = 1; ; attempt++) {
      const before = await this.#find(nameOrId);
      if (await this.#replace(before, patch, caller)) return this.get(before.id);
      if (attempt === ATTEMPTS)
        throw new AppError('resource.conflict', 'The schedule is being changed by others; try again');
    }
  }

  async remove(nameOrId: string, caller: Caller): Promise<void> {
    const { store, audit } = this.deps;
    const { id, definition } = await this.#find(nameOrId);
    await store.transaction(async (nouns) => {
      if (!(await nouns.schedules.remove(id))) throw missing(nameOrId);
      const detail = { name: definition.name };
      await audit.within(nouns).record({ action: 'schedule.delete', target: id, detail }, caller);
    });
  }

  /** Starts its job now, beside its times; gives the run's id. */
  async run(nameOrId: string, caller: Caller): Promise<string> {
    const { runs, audit, store } = this.deps;
    const record = await this.#find(nameOrId);
    const { id } = record;
    const work = await this.workOf(record);
    return store.transaction(async (nouns) => {
      const run = { ...work, trigger: 'manual' as const, createdBy: caller.actor };
      const runId = await runs.enqueue(run, nouns);
      await audit.within(nouns).record({ action: 'schedule.run', target: id, detail: { runId } }, caller);
      return runId;
    });
  }

  /** The run of a schedule's job. Throws `resource.notFound` where its target is gone, `request.invalid` where nobody knows its kind. */
  async workOf({
    definition: { job },
    subjectId,
  }: Pick<ScheduleRecord, 'definition' | 'subjectId'>): Promise<Omit<NewRun, 'trigger' | 'createdBy'>> {
    const target = this.#target(job.kind);
    return { kind: job.kind, ...(await target.work(job, subjectId)) };
  }

  /** After a change of calendars: every schedule is planned anew, in the transaction of the change. */
  async replan(nouns: Nouns): Promise<void> {
    const page = 200;
    let after: string | undefined;
    for (;;) {
      const records = await nouns.schedules.list(page, after);
      for (const record of records) {
        const place = await this.#placed(record, doneOf(record), nouns);
        if (place.nextInstant === record.nextInstant) continue;
        await nouns.schedules.update({ ...record, ...place, version: record.version + 1 });
      }
      if (records.length < page) return;
      after = records.at(-1)!.id;
    }
  }

  async #replace(before: ScheduleRecord, patch: SchedulePatch, caller: Caller): Promise<boolean> {
    const { store, clock, audit } = this.deps;
    const { enabled: wanted, ...changes } = patch;
    const enabled = wanted ?? before.enabled;
    const merged = Object.fromEntries(
      Object.entries({ ...before.definition, ...changes }).filter(([, value]) => value !== null),
    ) as Omit<ScheduleInput, 'enabled'>;
    const definition = this.#complete(merged);
    // One whose target is gone can be paused all the same.
    const subjectId = patch.job === undefined ? before.subjectId : await this.#checkTarget(definition);
    const { id } = before;
    return store.transaction(async (nouns) => {
      const current = (await nouns.schedules.find(id)) ?? before;
      const doneMs = before.enabled ? doneOf(current) : clock.now();
      const place = await this.#placed({ ...current, definition, enabled }, doneMs, nouns);
      const version = before.version + 1;
      const updatedAt = iso(clock.now());
      const record = { ...before, definition, enabled, subjectId, version, updatedAt, ...place };
      if (!(await nouns.schedules.update(record))) return false;
      const detail = { name: definition.name, changed: Object.keys(patch) };
      await audit.within(nouns).record({ action: 'schedule.update', target: id, detail }, caller);
      return true;
    });
  }

  #complete(input: Omit<ScheduleInput, 'enabled'>): ScheduleDefinition {
    return {
      ...{ onHoliday: 'run', blackout: [], catchUp: 'latest', jitterS: 0 },
      ...{ timezone: this.deps.defaultTimezone, ...input },
      calendar: input.calendar ?? null,
      onlyOn: input.onlyOn ?? null,
    };
  }

  async #checkTarget({ job }: ScheduleDefinition): Promise<string | null> {
    const target = this.#target(job.kind);
    parse(target.schema, job, '/job');
    return (await target.work(job, null)).subjectId;
  }

  #target(kind: string): ScheduleTarget {
    const { targets } = this.deps;
    const found = targets.find((target) => target.kind === kind);
    if (found) return found;
    const kinds = targets.map((target) => target.kind);
    const known =
      kinds.length === 0 ? 'this version has none to schedule' : `must be one of ${kinds.join(', ')}`;
    throw new AppError('request.invalid', `/job/kind: ${known}`, { pointer: '/job/kind', params: { kinds } });
  }

  /**
   * The next place after now; never again one that was done, should the clock have been set back. An instant that has come and is not fired
   * yet stays next, as long as the timing still has it.
   */
  async #placed(
    record: Pick<ScheduleRecord, 'id' | 'definition' | 'enabled' | 'nextInstant'>,
    doneMs: number,
    nouns: Pick<Nouns, 'calendars'>,
  ) {
    const { id, definition, enabled, nextInstant } = record;
    const next = await planOf(timingOf(definition), nouns);
    if (!enabled) return { nextAt: null, nextInstant: null };
    const now = this.deps.clock.now();
    const pending = nextInstant === null ? Number.POSITIVE_INFINITY : Date.parse(nextInstant);
    if (pending <= now && next(pending - 1, doneMs) === pending) return placeAt(id, definition, pending);
    return placeAt(id, definition, next(Math.max(now, doneMs), doneMs));
  }

  async #find(nameOrId: string): Promise<ScheduleRecord> {
    const found = await this.deps.store.schedules.find(nameOrId);
    if (!found) throw missing(nameOrId);
    return found;
  }

  /** `first`, where it is known, and those after it. */
  #instants(next: NextInstant, first?: string): string[] {
    const known = first === undefined ? [] : [first];
    const after = first === undefined ? this.deps.clock.now() : Date.parse(first);
    return [...known, ...instantsAfter(next, after, SHOWN - known.length).map(iso)];
  }

  async #shown({ definition, subjectId, nextInstant, ...rest }: ScheduleRecord): Promise<ShownSchedule> {
    const isOver = !rest.enabled || nextInstant === null;
    const next = isOver
      ? []
      : this.#instants(await planOf(timingOf(definition), this.deps.store), nextInstant);
    const warnings = rest.enabled && this.deps.isScheduled?.() === false ? [UNSCHEDULED] : [];
    return { ...rest, ...definition, next, warnings };
  }
}
