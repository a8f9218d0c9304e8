import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../../base/errors.ts';
import type { SyncedColumn } from '../../domain/sync-task.ts';
import { temporaryName } from '../folders.ts';
import { identifier, list, literal } from '../sql-text.ts';
import { given, held } from './bounds.ts';
import type { Applied, ApplyJob, RemovedMark, Window, Written } from './jobs.ts';
import { storedType } from './types.ts';
import { writeQuery } from './write.ts';

type Rule<K extends ApplyJob['rule']['kind']> = Extract<ApplyJob['rule'], { kind: K }>;

const parquet = (files: readonly string[], more = '') =>
  `read_parquet(${list(files)}, union_by_name = true${more})`;

/** True for rows of the window. */
function inWindow({ cursor, from, to, nulls }: Window, value: string): string {
  const tests = [
    ...(from === null ? [] : [`${value} >= ${given(cursor, from)}`]),
    ...(to === null ? [] : [`${value} <= ${given(cursor, to)}`]),
  ];
  const inside = tests.length === 0 ? `${value} IS NOT NULL` : tests.join(' AND ');
  return nulls ? `(${value} IS NULL OR (${inside}))` : `(${inside})`;
}

/** True for a row that its source has marked as removed. */
function isRemoved({ column, value }: RemovedMark): string {
  const of = held(column);
  if (value === undefined) {
    if (column.type === 'boolean') return `coalesce(${of}, false)`;
    // MySQL has no booleans: its flags are numbers.
    return column.type === 'integer' ? `coalesce(${of} <> 0, false)` : `(${of} IS NOT NULL)`;
  }
  const marked = column.type === 'integer' && typeof value === 'boolean' ? Number(value) : value;
  return `coalesce(${of} = ${given(column, String(marked))}, false)`;
}

/** One job's work on one connection, which ends with it: its temporary tables go by themselves. */
class Application {
  readonly #paths: string[] = [];

  constructor(
    readonly connection: DuckDBConnection,
    readonly job: ApplyJob,
  ) {}

  async number(query: string): Promise<number> {
    const reader = await this.connection.runAndReadAll(query);
    return Number(reader.getRows()[0]?.[0] ?? 0);
  }

  /** A column of the dataset's files; null where they do not have it yet. */
  held(column: SyncedColumn): string {
    return this.job.present.includes(column.name) ? held(column, 'd') : `CAST(NULL AS ${storedType(column)})`;
  }

  column(name: string): SyncedColumn {
    return this.job.columns.find((column) => column.name === name)!;
  }

  /** Rows of staged files, with all columns. */
  staged(files: readonly string[] = this.job.staged): string {
    const absent = this.job.absent.map(
      (name) => `, CAST(NULL AS ${storedType(this.column(name))}) AS ${identifier(name)}`,
    );
    return absent.length === 0 ? parquet(files) : `(SELECT *${absent.join('')} FROM ${parquet(files)})`;
  }

  names(): string {
    return this.job.columns.map(({ name }) => identifier(name)).join(', ');
  }

  /** A name for a column of our own, beside those of the dataset. */
  free(name: string): string {
    const taken = new Set(this.job.columns.map((column) => column.name.toLowerCase()));
    for (const column of this.job.present) taken.add(column.toLowerCase());
    let free = name;
    while (taken.has(free)) free += '_';
    return free;
  }

  /**
   * The dataset's rows (`d`), each with the path of its file. DuckDB 1.5 fails at a column of that name beside the one that its reader adds,
   * whatever that is called.
   */
  withFiles(): { from: string; file: string } {
    const file = this.free('filename');
    const { files } = this.job;
    if (file === 'filename') return { from: `${parquet(files, ', filename = true')} d`, file };
    const each = files.map((path) => `SELECT *, ${literal(path)} AS ${file} FROM ${parquet([path])}`);
    return { from: `(${each.join(' UNION ALL BY NAME ')}) d`, file };
  }

  /** What a query gives, in a file; null where it gives no row. */
  async write(query: string): Promise<Written | null> {
    const path = join(this.job.folder, temporaryName());
    this.#paths.push(path);
    const written = await writeQuery(this.connection, query, path);
    if (written.rowCount > 0) return written;
    await rm(path);
    return null;
  }

  /** After a failure. */
  async discard(): Promise<void> {
    for (const path of this.#paths) await rm(path, { force: true });
  }

  /** Keys are compared as they stand; a row without one could not be told from another. */
  async stageKeyed(
    table: string,
    keys: readonly string[],
    cursor: SyncedColumn | undefined,
    where = 'true',
  ): Promise<void> {
    const list = keys.map(identifier).join(', ');
    const place = this.free('place');
    // Of rows with one key the latest counts: by its cursor, else by its place.
    const order = cursor ? `${held(cursor)} DESC NULLS LAST` : `${place} DESC`;
    const rows = this.staged();
    const from = cursor ? rows : `(SELECT *, row_number() OVER () AS ${place} FROM ${rows})`;
    await this.connection.run(
      `CREATE TEMP TABLE ${table} AS SELECT ${this.names()} FROM ${from} WHERE ${where}
       QUALIFY row_number() OVER (PARTITION BY ${list} ORDER BY ${order}) = 1`,
    );
    await this.refuseNullKeys(table, keys);
  }

  async refuseNullKeys(table: string, keys: readonly string[]): Promise<void> {
    for (const key of keys)
      if ((await this.number(`SELECT count(*) FROM ${table} WHERE ${identifier(key)} IS NULL`)) > 0)
        throw new AppError(
          'sync.value',
          `A row has no value in ${JSON.stringify(key)}, a column of the primary key, and so cannot be told from others`,
          { params: { column: key } },
        );
  }

  /** True for rows of the dataset (`d`) whose key could be in the table: Parquet's statistics leave out what cannot. */
  async nearKeys(table: string, keys: readonly string[]): Promise<string> {
    const [first] = keys;
    const column = this.column(first!);
    const text = (call: string) => `CAST(${call}(${identifier(first!)}) AS VARCHAR)`;
    const reader = await this.connection.runAndReadAll(`SELECT ${text('min')}, ${text('max')} FROM ${table}`);
    const [min, max] = (reader.getRows()[0] ?? []) as (string | null)[];
    if (min === null || max === null || min === undefined || max === undefined) return 'false';
    return `${held(column, 'd')} BETWEEN ${given(column, min)} AND ${given(column, max)}`;
  }

  sameKey(table: string, keys: readonly string[]): string {
    return keys.map((key) => `${held(this.column(key), 'd')} = ${table}.${identifier(key)}`).join(' AND ');
  }

  /** Files without the rows for which `gone` is true; what is not named is left alone. */
  async rewrite(files: readonly string[], gone: string): Promise<Pick<Applied, 'rewritten' | 'rowsRemoved'>> {
    const rewritten: Applied['rewritten'] = [];
    let rowsRemoved = 0;
    for (const file of files) {
      const before = await this.number(`SELECT count(*) FROM read_parquet(${literal(file)})`);
      const by = await this.write(
        `SELECT d.* FROM read_parquet(${literal(file)}) d WHERE NOT coalesce(${gone}, false)`,
      );
      rowsRemoved += before - (by?.rowCount ?? 0);
      rewritten.push({ file, by });
    }
    return { rewritten, rowsRemoved };
  }

  async filesWhere(condition: string): Promise<string[]> {
    if (this.job.files.length === 0) return [];
    const { from, file } = this.withFiles();
    const reader = await this.connection.runAndReadAll(
      `SELECT DISTINCT d.${file} FROM ${from} WHERE ${condition}`,
    );
    return reader.getRows().map(([path]) => String(path));
  }

  /** Staged files that can serve as they are; undefined where one has to be made. */
  async asIs(rows: number): Promise<Written | undefined> {
    const [only] = this.job.staged;
    if (this.job.staged.length !== 1 || only === undefined) return undefined;
    return { path: only, rowCount: rows, bytes: Bun.file(only).size };
  }
}

/** Puts staged rows into a dataset: new files, and new forms of those files that hold touched rows; all others stay. */
export async function apply(connection: DuckDBConnection, job: ApplyJob): Promise<Applied> {
  const work = new Application(connection, job);
  try {
    return await put(work, job.rule);
  } catch (error) {
    await work.discard();
    throw error;
  }
}

async function put(work: Application, rule: ApplyJob['rule']): Promise<Applied> {
  switch (rule.kind) {
    case 'append':
      return append(work, rule);
    case 'upsert':
      return upsert(work, rule);
    case 'replace':
      return replace(work, rule);
    case 'retain':
      return retain(work, rule);
  }
}

async function append(work: Application, { window, newColumns }: Rule<'append'>): Promise<Applied> {
  const { job } = work;
  const nothing = { rewritten: [], rowsRemoved: 0 };
  const there = `${inWindow(window, work.held(window.cursor))}`;
  const own = new Set(job.own);
  const before = job.files.filter((file) => !own.has(file));
  const isNew =
    before.length === 0 ||
    (await work.number(
      `SELECT count(*) FROM (SELECT 1 FROM ${parquet(before)} d WHERE ${there} LIMIT 1)`,
    )) === 0;
  const rows = await work.number(
    `SELECT count(*) FROM ${work.staged()} WHERE ${inWindow(window, held(window.cursor))}`,
  );
  const total = await work.number(`SELECT count(*) FROM ${work.staged()}`);
  if (isNew && rows === total) {
    const whole = await work.asIs(rows);
    if (whole) return { added: rows === 0 ? null : whole, ...nothing, rowsAdded: rows };
  }
  const staged = work.staged(isNew ? job.staged : [...job.carried, ...job.staged]);
  const inside = `FROM ${staged} WHERE ${inWindow(window, held(window.cursor))}`;
  const query = isNew
    ? `SELECT ${work.names()} ${inside}`
    : surplus(work, inside, `FROM ${parquet(job.files)} d WHERE ${there}`, window.cursor, newColumns);
  const added = await work.write(query);
  return { added, ...nothing, rowsAdded: added?.rowCount ?? 0 };
}

/** Of staged rows those that there are more of than in the dataset. */
function surplus(
  work: Application,
  staged: string,
  there: string,
  cursor: SyncedColumn,
  newColumns: Rule<'append'>['newColumns'],
): string {
  const [key, count, nth] = [work.free('k'), work.free('n'), work.free('nth')];
  const keyed = (of: (column: SyncedColumn) => string) => {
    const values = work.job.columns.map((column, i) => {
      if (!newColumns?.names.includes(column.name)) return `k${i} := ${of(column)}`;
      if (newColumns.cursor === null) return `k${i} := CAST(NULL AS ${storedType(column)})`;
      return `k${i} := CASE WHEN ${of(cursor)} > ${given(cursor, newColumns.cursor)} THEN ${of(column)} END`;
    });
    return `struct_pack(${values.join(', ')}) AS ${key}`;
  };
  const names = work.job.columns.map(({ name }) => `s.${identifier(name)}`);
  return `WITH t AS (SELECT ${key}, count(*) AS ${count} FROM (SELECT ${keyed((column) => work.held(column))} ${there}) GROUP BY ${key})
    SELECT ${names.join(', ')}
    FROM (SELECT *, row_number() OVER (PARTITION BY ${key}) AS ${nth} FROM (SELECT *, ${keyed((column) => held(column))} ${staged})) s
    LEFT JOIN t ON t.${key} IS NOT DISTINCT FROM s.${key} WHERE t.${count} IS NULL OR s.${nth} > t.${count}`;
}

async function upsert(work: Application, { keys, cursor, removed }: Rule<'upsert'>): Promise<Applied> {
  const { job, connection } = work;
  await work.stageKeyed('staged', keys, cursor);
  const [rows, total] = [
    await work.number('SELECT count(*) FROM staged'),
    await work.number(`SELECT count(*) FROM ${work.staged()}`),
  ];
  const marked = removed ? isRemoved(removed) : 'false';
  const gone = await work.number(`SELECT count(*) FROM staged WHERE ${marked}`);
  const values = job.columns.map((column) => `${work.held(column)} AS ${identifier(column.name)}`);
  const near = await work.nearKeys('staged', keys);
  const file = work.free('filename');
  const there =
    job.files.length === 0
      ? `SELECT ${work.names()}, '' AS ${file} FROM staged WHERE false`
      : `SELECT ${values.join(', ')}, d.${file} FROM ${work.withFiles().from} SEMI JOIN staged ON ${work.sameKey('staged', keys)} WHERE ${near}`;
  await connection.run(`CREATE TEMP TABLE there AS ${there}`);
  const isNew = (await work.number('SELECT count(*) FROM there')) === 0;
  if (isNew && rows === total && gone === 0) {
    const whole = await work.asIs(rows);
    if (whole) return { added: rows === 0 ? null : whole, rewritten: [], rowsAdded: rows, rowsRemoved: 0 };
  }
  await connection.run(
    `CREATE TEMP TABLE changed AS SELECT ${work.names()} FROM staged EXCEPT SELECT ${work.names()} FROM there`,
  );
  const same = keys.map((key) => `t.${identifier(key)} = changed.${identifier(key)}`).join(' AND ');
  const reader = await connection.runAndReadAll(
    `SELECT DISTINCT t.${file} FROM there t SEMI JOIN changed ON ${same}`,
  );
  const touched = reader.getRows().map(([path]) => String(path));
  const change = await work.rewrite(
    touched,
    `EXISTS (SELECT 1 FROM changed WHERE ${work.sameKey('changed', keys)})`,
  );
  const added = await work.write(`SELECT ${work.names()} FROM changed WHERE NOT ${marked}${orderOf(cursor)}`);
  return { added, ...change, rowsAdded: added?.rowCount ?? 0 };
}

/** Rows of one file near each other in time are found by its statistics. */
const orderOf = (cursor: SyncedColumn | undefined) => (cursor ? ` ORDER BY ${held(cursor)}` : '');

async function replace(work: Application, { window, keys, removed }: Rule<'replace'>): Promise<Applied> {
  let gone = inWindow(window, work.held(window.cursor));
  // A source that cannot look for the window gives rows of others too.
  const wanted = inWindow(window, held(window.cursor));
  if (keys) {
    await work.stageKeyed('staged', keys, window.cursor, wanted);
    gone = `(${gone} OR EXISTS (SELECT 1 FROM staged WHERE ${work.sameKey('staged', keys)}))`;
  } else
    await work.connection.run(
      `CREATE TEMP TABLE staged AS SELECT ${work.names()} FROM ${work.staged()} WHERE ${wanted}`,
    );
  const change = await work.rewrite(await work.filesWhere(gone), gone);
  const marked = removed ? isRemoved(removed) : 'false';
  const added = await work.write(
    `SELECT ${work.names()} FROM staged WHERE NOT ${marked}${orderOf(window.cursor)}`,
  );
  return { added, ...change, rowsAdded: added?.rowCount ?? 0 };
}

async function retain(work: Application, { keys }: Rule<'retain'>): Promise<Applied> {
  const { connection } = work;
  const names = keys.map(identifier).join(', ');
  await connection.run(`CREATE TEMP TABLE staged AS SELECT ${names} FROM ${work.staged()}`);
  const gone = `NOT EXISTS (SELECT 1 FROM staged WHERE ${work.sameKey('staged', keys)})`;
  return { added: null, rowsAdded: 0, ...(await work.rewrite(await work.filesWhere(gone), gone)) };
}
