import { lateFrom } from '../../domain/cursor-value.ts';
import type { Progress, RunContext } from '../../domain/run.ts';
import type { SyncedColumn, SyncRunInput, SyncTask } from '../../domain/sync-task.ts';
import type { ApplyRule, Bounds, RemovedMark, Written } from '../../lake/sync/jobs.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { ReadRequest, StagedBatch, SyncSource, SyncSources } from '../sync-source.ts';
import { type BackfillRange, backfillRange } from './backfill-range.ts';
import { hasDrift, newColumnsOf } from './drift.ts';
import { openSource, type PlannedRead, planRead } from './plan-read.ts';
import { DatasetWriter, type Publishing, type WriterDeps } from './writer.ts';

export interface SyncRunDeps extends WriterDeps {
  sources: SyncSources;
  task(id: string): Promise<SyncTask>;
  metrics: Metrics;
  batchRows: number;
  timeoutS: number;
}

/** What a run of a sync task did. */
export interface SyncResult {
  /** Null where there were never any rows. */
  datasetId: string | null;
  generation: number;
  /** Rows that the source gave. */
  rowsRead: number;
  rowsAdded: number;
  rowsRemoved: number;
  /** Rows that the dataset has now. */
  rowCount: number;
  /** The source has nothing that is not there already: nothing was published. */
  isUnchanged?: true;
}

const comparesKeys = ({ deletes }: SyncTask) => deletes !== undefined && 'compareKeys' in deletes;

/** One run of one task: what it reads goes into the dataset, batch by batch, each with the checkpoint that tells of it. */
class SyncRun {
  #rowsRead = 0;
  #bytesRead: number;

  constructor(
    readonly deps: SyncRunDeps,
    readonly task: SyncTask,
    readonly input: SyncRunInput,
    readonly context: RunContext,
    readonly source: SyncSource,
    readonly plan: PlannedRead,
    readonly writer: DatasetWriter,
    fetchedBytes: number,
  ) {
    this.#bytesRead = fetchedBytes;
  }

  async run(): Promise<SyncResult> {
    const { task, input, writer, context } = this;
    if (hasDrift(this.plan.drift))
      context.log('warning', 'The columns of the source have changed', { ...this.plan.drift });
    if (task.checkpoint === null) writer.startAnew();
    if (input.backfill) await this.#backfill(backfillRange(task, input.backfill));
    else if (task.mode === 'snapshot') await this.#all(null);
    else if (input.full) await this.#full();
    else if (task.cursor) await this.#increment();
    else await this.#add();
    if (comparesKeys(task) && !input.backfill) await this.#compareKeys();
    const { datasetId, generation, rowsAdded, rowsRemoved, rowCount } = writer;
    return { datasetId, generation, rowsRead: this.#rowsRead, rowsAdded, rowsRemoved, rowCount };
  }

  #cursor(): SyncedColumn {
    return this.plan.cursor!;
  }

  #publishing(cursor: string | null, mark: unknown): Publishing {
    const { task, plan, source } = this;
    const newColumns = newColumnsOf(task.checkpoint, plan.drift);
    return {
      schema: plan.schema,
      checkpoint: {
        cursor,
        ...(newColumns ? { newColumns } : {}),
        ...(mark === undefined ? {} : { mark }),
      },
      sourceName: source.label,
    };
  }

  #progress(change: Partial<Progress>): void {
    this.context.progress({ rows: this.#rowsRead, bytes: this.#bytesRead, ...change });
  }

  /** In the phase `keys`, rows are not counted: they were read before. */
  async *#read(
    range: ReadRequest['range'],
    columns: readonly SyncedColumn[] = this.plan.read,
    mark: unknown = undefined,
    phase: 'read' | 'keys' = 'read',
  ): AsyncGenerator<StagedBatch> {
    const { deps, task, context, source, writer } = this;
    this.#progress({ phase });
    const request: ReadRequest = {
      columns,
      range,
      batchRows: task.batchRows ?? deps.batchRows,
      timeoutMs: (task.timeoutS ?? deps.timeoutS) * 1000,
      mark,
      newFile: async () => writer.files.path(),
      signal: context.signal,
      onBytes: (bytes) => {
        this.#bytesRead += bytes;
        deps.metrics.syncBytes.inc(bytes);
      },
    };
    for await (const batch of source.read(request)) {
      context.signal.throwIfAborted();
      if (phase === 'read') {
        this.#rowsRead += batch.rowCount;
        deps.metrics.syncRows.inc({ mode: task.mode }, batch.rowCount);
      }
      await deps.faults.reach('batch.staged');
      this.#progress({ phase });
      yield batch;
    }
  }

  /** Everything in one generation. */
  async #all(cursor: string | null): Promise<{ staged: Written[]; mark: unknown }> {
    const staged: Written[] = [];
    let mark: unknown;
    for await (const batch of this.#read(undefined)) {
      staged.push({ path: batch.path, rowCount: batch.rowCount, bytes: Bun.file(batch.path).size });
      mark = batch.mark ?? mark;
    }
    if (this.task.mode === 'snapshot') {
      this.#progress({ phase: 'publish' });
      await this.writer.replaceAll(staged, this.#publishing(cursor, mark));
    }
    return { staged, mark };
  }

  /** An incremental task that begins from nothing, in one generation. */
  async #full(): Promise<void> {
    const { staged, mark } = await this.#all(null);
    const paths = staged.map(({ path }) => path);
    const cursor =
      paths.length === 0 || !this.plan.cursor ? null : (await this.#bounds(paths, null)).greatest;
    const publishing = this.#publishing(cursor, mark);
    delete publishing.checkpoint.newColumns;
    this.#progress({ phase: 'publish' });
    this.writer.startAnew();
    const { primaryKey: keys } = this.task;
    if (!keys || paths.length === 0) await this.writer.replaceAll(staged, publishing);
    else
      await this.#apply(
        { kind: 'upsert', keys, cursor: this.plan.cursor, removed: this.#removed() },
        paths,
        publishing,
      );
  }

  /** What the source gives is new, and it remembers itself what it gave: each batch is added, or takes the place of rows with its keys. */
  async #add(): Promise<void> {
    const { task, plan, writer } = this;
    const { primaryKey: keys } = task;
    let isEmpty = true;
    for await (const { path, rowCount, mark } of this.#read(undefined, plan.read, task.checkpoint?.mark)) {
      isEmpty = false;
      const publishing = this.#publishing(null, mark);
      if (keys)
        await this.#apply(
          { kind: 'upsert', keys, cursor: undefined, removed: this.#removed() },
          [path],
          publishing,
        );
      else {
        this.#progress({ phase: 'publish' });
        await writer.add({ path, rowCount, bytes: Bun.file(path).size }, publishing);
      }
    }
    if (isEmpty && writer.isUnmade) await writer.replaceAll([], this.#publishing(null, undefined));
  }

  #bounds(files: readonly string[], atLeast: string | null) {
    const job = { kind: 'bounds' as const, files, column: this.#cursor(), atLeast };
    return this.deps.ingest.run<'bounds'>(job, { signal: this.context.signal });
  }

  #removed(): RemovedMark | undefined {
    const { deletes } = this.task;
    if (!deletes || 'compareKeys' in deletes) return undefined;
    const column = this.plan.schema.find(({ name }) => name === deletes.column)!;
    return { column, ...(deletes.value === undefined ? {} : { value: deletes.value }) };
  }

  #apply(
    rule: ApplyRule,
    staged: readonly string[],
    publishing: Publishing,
    carried: readonly string[] = [],
  ) {
    this.#progress({ phase: 'publish' });
    return this.writer.apply(rule, staged, publishing, { absent: this.plan.absent, carried });
  }

  async #increment(): Promise<void> {
    const { task, source, plan } = this;
    const cursor = this.#cursor();
    const reached = task.checkpoint?.cursor ?? null;
    const from = reached === null ? null : lateFrom(reached, cursor.type, task.cursor!);
    const range = { column: cursor.source, type: cursor.type, from, to: null, nulls: plan.isCursorNullable };
    if (source.readsRanges) await this.#inOrder(this.#read(range, plan.read, task.checkpoint?.mark), reached);
    else await this.#inOneGo(this.#read(range, plan.read, task.checkpoint?.mark), reached, from);
  }

  /**
   * Batches come in the order of the cursor: each is published when it is there. Those that reach no further than the run before are compared
   * with what it read, all at once: each by itself, they would be compared with each other again and again.
   */
  async #inOrder(batches: AsyncIterable<StagedBatch>, reached: string | null): Promise<void> {
    const isCompared = this.task.primaryKey === undefined;
    let at = reached;
    let waiting: string[] = [];
    let [carried, withoutCursor]: [readonly string[], readonly string[]] = [[], []];
    let last: string | null = null;
    const publish = async (mark: unknown, ofLast: Bounds) => {
      const staged = waiting;
      waiting = [];
      const { min, max, nulls } = staged.length === 1 ? ofLast : await this.#bounds(staged, at);
      const window = { cursor: this.#cursor(), from: min, to: max, nulls: nulls > 0 };
      const seen = nulls > 0 ? [...new Set([...withoutCursor, ...carried])] : carried;
      await this.#apply(this.#rule(window), staged, this.#publishing(at, mark), seen);
      // Rows that are alike may stand on both sides of a batch's end: they are counted together.
      carried = max === last || max === null ? [...carried, ...staged] : staged;
      last = max ?? last;
      if (nulls > 0) withoutCursor = [...withoutCursor, ...staged];
    };
    let newest: [mark: unknown, bounds: Bounds] | undefined;
    for await (const { path, mark } of batches) {
      waiting.push(path);
      newest = [mark, await this.#bounds([path], at)];
      at = newest[1].greatest;
      if (at !== reached || !isCompared) await publish(...newest);
    }
    if (newest && waiting.length > 0) await publish(...newest);
    else if (this.writer.isUnmade) await this.writer.replaceAll([], this.#publishing(at, undefined));
  }

  /** Batches come in no order: they are published together. */
  async #inOneGo(
    batches: AsyncIterable<StagedBatch>,
    reached: string | null,
    from: string | null,
  ): Promise<void> {
    const paths: string[] = [];
    let mark: unknown;
    for await (const batch of batches) {
      paths.push(batch.path);
      mark = batch.mark ?? mark;
    }
    if (paths.length === 0) {
      if (this.writer.isUnmade) await this.writer.replaceAll([], this.#publishing(reached, mark));
      return;
    }
    const { greatest, nulls } = await this.#bounds(paths, reached);
    const window = { cursor: this.#cursor(), from, to: null, nulls: nulls > 0 };
    await this.#apply(this.#rule(window), paths, this.#publishing(greatest, mark));
  }

  #rule(window: Extract<ApplyRule, { kind: 'append' }>['window']): ApplyRule {
    const { primaryKey: keys, checkpoint } = this.task;
    if (keys) return { kind: 'upsert', keys, cursor: this.#cursor(), removed: this.#removed() };
    return { kind: 'append', window, newColumns: newColumnsOf(checkpoint, this.plan.drift) };
  }

  /** A range of the cursor is read anew and takes the place of what the dataset has in it. */
  async #backfill({ from, to }: BackfillRange): Promise<void> {
    const { task } = this;
    const checkpoint = task.checkpoint!;
    const cursor = this.#cursor();
    const staged: string[] = [];
    const range = { column: cursor.source, type: cursor.type, from, to, nulls: false };
    for await (const { path } of this.#read(range)) staged.push(path);
    if (staged.length === 0) staged.push(await this.#emptyFile());
    const window = { cursor, from, to, nulls: false };
    const rule = { kind: 'replace' as const, window, keys: task.primaryKey, removed: this.#removed() };
    await this.#apply(rule, staged, this.#publishing(checkpoint.cursor, checkpoint.mark));
  }

  async #emptyFile(): Promise<string> {
    const target = this.writer.files.path();
    const job = { kind: 'empty' as const, columns: this.plan.read, target };
    await this.deps.ingest.run<'empty'>(job, { signal: this.context.signal });
    return target;
  }

  /** Rows whose key the source has no more are taken away. */
  async #compareKeys(): Promise<void> {
    if (this.source.hasLeftOut) {
      this.context.log('warning', 'Keys were not compared: rows that could not be read were left out');
      return;
    }
    const keys = this.task.primaryKey!;
    const columns = keys.map((key) => this.plan.schema.find(({ name }) => name === key)!);
    const checkpoint = (await this.deps.task(this.task.id)).checkpoint!;
    const staged: string[] = [];
    for await (const { path } of this.#read(undefined, columns, undefined, 'keys')) staged.push(path);
    if (staged.length === 0) {
      const { rowCount } = this.writer;
      await this.writer.replaceAll([], this.#publishing(checkpoint.cursor, checkpoint.mark));
      this.writer.rowsRemoved += rowCount;
      return;
    }
    await this.#apply({ kind: 'retain', keys }, staged, this.#publishing(checkpoint.cursor, checkpoint.mark));
  }
}

/** The bytes that were fetched; undefined where the source has nothing new. */
async function prepare(
  { metrics }: SyncRunDeps,
  source: SyncSource,
  task: SyncTask,
  { full = false, backfill }: SyncRunInput,
  context: RunContext,
): Promise<number | undefined> {
  if (!source.prepare) return 0;
  const { checkpoint, cursor, mode, drift } = task;
  const isAnew = mode === 'snapshot' || full || !checkpoint;
  const held = checkpoint?.schema;
  const column = held?.find(({ name }) => name === cursor?.column);
  const reached = isAnew ? null : (checkpoint?.cursor ?? null);
  const from = reached !== null && column && cursor ? lateFrom(reached, column.type, cursor) : reached;
  const range = backfill ? backfillRange(task, backfill) : { from, to: null };
  let bytes = 0;
  context.progress({ phase: 'fetch' });
  const isReady = await source.prepare({
    ...{ from: range.from, to: range.to },
    mark: full || backfill ? undefined : checkpoint?.mark,
    isAnew: isAnew || backfill !== undefined || comparesKeys(task),
    held,
    keepsTypes: !(isAnew && drift === 'add'),
    onBytes(more) {
      bytes += more;
      metrics.syncBytes.inc(more);
      context.progress({ phase: 'fetch', bytes });
    },
    log: (text, facts) => context.log('info', text, facts),
    signal: context.signal,
  });
  return isReady ? bytes : undefined;
}

async function unchanged({ datasets }: SyncRunDeps, { datasetId }: SyncTask): Promise<SyncResult> {
  const none = { rowsRead: 0, rowsAdded: 0, rowsRemoved: 0, isUnchanged: true as const };
  if (datasetId === null) return { ...none, datasetId, generation: 0, rowCount: 0 };
  const { generation, rowCount } = await datasets.find(datasetId, '/dataset');
  return { ...none, datasetId, generation, rowCount };
}

/** Runs a task. The reason of an abort, and every fault, comes out as an AppError. */
export async function runSync(
  deps: SyncRunDeps,
  taskId: string,
  input: SyncRunInput,
  context: RunContext,
): Promise<SyncResult> {
  const task = await deps.task(taskId);
  const source = await openSource(deps.sources, task.source, context.signal);
  try {
    const fetchedBytes = await prepare(deps, source, task, input, context);
    if (fetchedBytes === undefined) return await unchanged(deps, task);
    const timeoutMs = (task.timeoutS ?? deps.timeoutS) * 1000;
    const plan = await planRead(source, task, input, timeoutMs, context.signal);
    context.progress({ expectedRows: plan.expectedRows });
    const writer = await DatasetWriter.open(deps, task, context);
    try {
      const result = await new SyncRun(deps, task, input, context, source, plan, writer, fetchedBytes).run();
      await source.published?.();
      return result;
    } finally {
      await writer.close();
    }
  } finally {
    await source.close?.();
  }
}
