import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { collectFiles } from '../../src/lake/collect.ts';
import { createStore } from '../../src/store/store.ts';
import { TABLES } from './source.ts';
import type { World } from './world.ts';

/** What must hold whatever was killed; the name is said where it does not. */
export class Broken extends Error {
  constructor(
    readonly invariant: string,
    detail: string,
  ) {
    super(`${invariant}: ${detail}`);
  }
}

function insist(holds: boolean, invariant: string, detail: () => string): void {
  if (!holds) throw new Broken(invariant, detail());
}

/** What a query over the files gives, each row as text. */
export async function readFiles(files: readonly string[], what: string): Promise<string[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const list = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ');
    const found = await connection.runAndReadAll(
      `select ${what} from read_parquet([${list}], union_by_name = true)`,
    );
    return found.getRows().map((row) => row.join('|'));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function difference(wanted: readonly string[], found: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const row of wanted) counts.set(row, (counts.get(row) ?? 0) + 1);
  for (const row of found) counts.set(row, (counts.get(row) ?? 0) - 1);
  return [...counts].filter(([, n]) => n !== 0).map(([row, n]) => `${n > 0 ? 'lost' : 'doubled'} ${row}`);
}

/** Each dataset has the rows of its table, every row as often. Gives how many there are. */
export async function checkRows({ source, datasets }: World): Promise<number> {
  let rows = 0;
  for (const table of TABLES) {
    const { files } = await datasets.resolve(table);
    const found = await readFiles(files, `concat_ws('|', "at", n, v)`);
    const wrong = difference(await source.rows(table), found);
    insist(
      wrong.length === 0,
      'no row is lost or doubled',
      () => `${table} (${files}): ${wrong.slice(0, 10)}`,
    );
    const { rowCount } = await datasets.find(table);
    insist(rowCount === found.length, 'the metadata count rows rightly', () => `${table}: ${rowCount}`);
    rows += found.length;
  }
  return rows;
}

/** Every instant of the schedule of each second, from the first to the last, has one fire and one run of its own. Gives how many. */
export async function checkFires({ db, tickId }: World): Promise<number> {
  // Who writes is alone: no fire comes between the two looks.
  const [fires, runs] = await db.transaction().execute(async (tx) => {
    const fired = await createStore(tx).schedules.fires(tickId, 1_000_000);
    const works = tx.selectFrom('runs').select(['id', 'fire_id']).where('kind', '=', 'work');
    return [fired.reverse(), await works.execute()] as const;
  });
  const first = Date.parse(fires[0]!.instant);
  for (const [i, { instant, runId, outcome }] of fires.entries()) {
    insist(
      Date.parse(instant) === first + i * 1000,
      'no fire is lost or doubled',
      () => `${fires[i - 1]?.instant} is followed by ${instant}`,
    );
    insist(outcome === 'run' && runId !== null, 'every fire has its run', () => `${instant} is ${outcome}`);
  }
  const byFire = new Map(runs.map(({ id, fire_id }) => [fire_id, id]));
  insist(
    runs.length === fires.length && byFire.size === fires.length,
    'one run a fire',
    () => `${runs.length} runs of ${fires.length} fires`,
  );
  for (const { id, runId } of fires)
    insist(byFire.get(id) === runId, 'one run a fire', () => `the fire ${id} has not its run ${runId}`);
  return fires.length;
}

/** Whether all runs that were there at an instant have ended. */
export async function haveEnded({ db }: World, before: string): Promise<boolean> {
  const open = await db
    .selectFrom('runs')
    .select('id')
    .where('state', 'in', ['queued', 'running'])
    .where('created_at', '<', before)
    .limit(1)
    .executeTakeFirst();
  return open === undefined;
}

export async function checkRuns({ db }: World): Promise<number> {
  const runs = await db.selectFrom('runs').select(['id', 'kind', 'state', 'fault']).execute();
  const wrong = runs.filter(({ state }) => ['failed', 'aborted'].includes(state));
  insist(wrong.length === 0, 'a kill fails no run', () => JSON.stringify(wrong.slice(0, 3)));
  return runs.length;
}

/** Every file that the metadata name is there and opens. Gives how many there are. */
export async function checkFiles({ datasets, folders }: World): Promise<number> {
  const { kept } = await datasets.known();
  const files = [...kept]
    .filter((path) => path.endsWith('.parquet'))
    .map((path) => join(folders.datasets, path));
  for (const file of files)
    insist(existsSync(file), 'every file that the metadata name is there', () => file);
  for (const file of files)
    await readFiles([file], 'count(*)').catch((error) => {
      throw new Broken('every file that the metadata name opens', `${file}: ${error}`);
    });
  return files.length;
}

/** With no process alive, a collection leaves what the metadata name and nothing else. */
export async function checkOrphans({ datasets, folders }: World): Promise<void> {
  const { forgotten } = await collectFiles(folders, () => datasets.known(), '9999');
  await datasets.forget(forgotten);
  const known = await datasets.known();
  const names = await Promise.all(
    (await readdir(folders.datasets)).map(async (id) =>
      (await readdir(join(folders.datasets, id))).map((name) => `${id}/${name}`),
    ),
  );
  const orphans = names.flat().filter((path) => !known.kept.has(path));
  insist(orphans.length === 0, 'no orphan file after a collection', () => orphans.join(', '));
  insist(known.retired.size === 0, 'no orphan file after a collection', () =>
    [...known.retired.keys()].join(),
  );
  const uploads = await readdir(folders.uploads);
  insist(uploads.length === 0, 'no orphan upload after a collection', () => uploads.join(', '));
}
