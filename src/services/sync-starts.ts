import Type from 'typebox';
import type { Caller } from '../domain/audit.ts';
import type { NewRun } from '../domain/run.ts';
import { COMPACT_JOB, SYNC_JOB, type SyncRunInput, type SyncTask } from '../domain/sync-task.ts';
import type { Runs, ShownRun } from './runs.ts';
import type { ScheduleTarget } from './schedules.ts';
import type { SyncTasks } from './sync-tasks.ts';

/** What keys of runs that read a datasource begin with. */
const DATASOURCE_KEY = 'datasource:';

type Work = Pick<NewRun, 'subjectId' | 'input' | 'concurrencyKey' | 'concurrencyLimit'>;

/** Runs of sync tasks, and what else is queued because of them. */
export class SyncStarts {
  constructor(
    readonly tasks: SyncTasks,
    readonly runs: Runs,
    /** A datasource, and how many runs may read it at once. AppError `resource.notFound` where there is none. */
    readonly datasource: (nameOrId: string, pointer: string) => Promise<{ id: string; concurrency: number }>,
  ) {}

  async #work(task: SyncTask, input: SyncRunInput): Promise<Work> {
    const { source, id } = task;
    const work = { subjectId: id, input: { task: id, ...input } };
    if (!('datasource' in source)) return work;
    const { id: key, concurrency } = await this.datasource(source.datasource, '/source/datasource');
    return { ...work, concurrencyKey: `${DATASOURCE_KEY}${key}`, concurrencyLimit: concurrency };
  }

  async start(nameOrId: string, input: SyncRunInput, caller: Caller): Promise<ShownRun> {
    const task = await this.tasks.get(nameOrId);
    this.tasks.checkRun(task, input);
    const trigger = input.backfill ? 'backfill' : 'manual';
    const work = await this.#work(task, input);
    const run = await this.runs.enqueue({ kind: SYNC_JOB, trigger, createdBy: caller.actor, ...work });
    return this.runs.get(run);
  }

  /** The newest first, those older than the id `before`. */
  async list(nameOrId: string, limit: number, before?: string): Promise<ShownRun[]> {
    const { id } = await this.tasks.get(nameOrId);
    return this.runs.list({ kind: SYNC_JOB, subject: id }, limit, before);
  }

  /** Small files are merged apart from the run that made them; once, however many runs ask for it. */
  async compact(datasetId: string): Promise<void> {
    const [waiting] = await this.runs.list({ kind: COMPACT_JOB, subject: datasetId, state: 'queued' }, 1);
    if (waiting) return;
    await this.runs.enqueue({
      ...{ kind: COMPACT_JOB, trigger: 'housekeeping', createdBy: null },
      ...{ subjectId: datasetId, input: { dataset: datasetId } },
    });
  }

  /** What a schedule may start. */
  target(): ScheduleTarget {
    return {
      kind: SYNC_JOB,
      schema: Type.Object(
        {
          kind: Type.Literal(SYNC_JOB),
          task: Type.String({ minLength: 1, maxLength: 200 }),
          full: Type.Optional(Type.Boolean()),
        },
        { additionalProperties: false },
      ),
      work: async (job, subjectId) => {
        const known = subjectId === null ? undefined : await this.tasks.find(subjectId);
        const task = known ?? (await this.tasks.get(String(job.task), '/job/task'));
        return this.#work(task, job.full === true ? { full: true } : {});
      },
    };
  }
}
