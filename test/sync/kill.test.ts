import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultPoint } from '../../src/base/fault-point.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { openSyncKit } from './kit.ts';

let server: TestServer;
let home: string;
beforeAll(async () => {
  [server, home] = await Promise.all([startPostgres(), mkdtemp(join(tmpdir(), 'kill-'))]);
  server.admin('create table events (at integer not null, v integer not null)');
  server.admin('create table stock (id integer primary key, at integer not null, v integer not null)');
  await using kit = await openSyncKit({ home });
  await kit.addDatasource('shop', 'postgres', server);
  const base = { mode: 'incremental', cursor: { column: 'at' }, batchRows: 40, keep: 2 } as const;
  const table = (name: string) => ({ kind: 'table' as const, datasource: 'shop', table: name });
  await kit.task({ ...base, name: 'events', dataset: 'events', source: table('events') });
  await kit.task({ ...base, name: 'stock', dataset: 'stock', source: table('stock'), primaryKey: ['id'] });
}, 60_000);
afterAll(async () => {
  await rm(home, { recursive: true, force: true });
  await server[Symbol.asyncDispose]();
});

/** Rows that are alike at the boundary, new ones, and old ones that changed. */
function change(round: number): void {
  const from = round * 20;
  server.admin(`insert into events select ${from} + i / 9, i % 2 from generate_series(0, 179) i`);
  server.admin(
    `insert into stock select i, ${from}, 0 from generate_series(${round * 60 + 1}, ${round * 60 + 60}) i`,
  );
  server.admin(`update stock set v = ${round}, at = ${from + 19} where id % 17 = 3`);
}

async function killAt(point: FaultPoint, times: number): Promise<void> {
  const script = join(import.meta.dir, 'kill.child.ts');
  const cmd = [process.execPath, script, home, point, String(times), 'events', 'stock'];
  const child = Bun.spawn({ cmd, stdout: 'pipe', stderr: 'inherit' });
  let said = '';
  for await (const chunk of child.stdout) {
    said += new TextDecoder().decode(chunk);
    if (said.includes('\n')) break;
  }
  child.kill('SIGKILL');
  await child.exited;
  expect(said).toBe('reached\n');
}

const inSource = (table: string) =>
  server
    .admin(`select row_to_json(t) from (select * from ${table}) t`)
    .split('\n')
    .map((line) => JSON.stringify(Object.values(JSON.parse(line) as object)))
    .sort();

/** After another run, each dataset holds what its table holds, and there is no file that nobody lists. */
async function check(): Promise<void> {
  await using kit = await openSyncKit({ home });
  for (const name of ['events', 'stock']) {
    await kit.sync(name);
    const rows = await kit.rows(name);
    expect(rows.map((row) => JSON.stringify(row)).sort()).toEqual(inSource(name));
    expect((await kit.datasets.get(name)).rowCount).toBe(rows.length);
  }
  await kit.datasets.collect();
  await kit.datasets.collect();
  for (const id of await readdir(kit.folders.datasets)) {
    const generations = await kit.datasets.generations(id);
    const listed = await Promise.all(
      generations.map(({ generation }) => kit.datasetStore.filesOf(id, generation)),
    );
    expect(await readdir(join(kit.folders.datasets, id)).then((names) => names.sort())).toEqual(
      [...new Set(listed.flat())].sort(),
    );
    expect(generations.length).toBeLessThanOrEqual(4);
  }
  expect(await readdir(kit.folders.uploads)).toEqual([]);
}

const POINTS: readonly (readonly [point: FaultPoint, times: number])[] = [
  ['batch.staged', 2],
  ['file.named', 3],
  ['checkpoint.before', 6],
  ['checkpoint.after', 2],
  ['rewrite.after', 3],
  ['compact.before', 1],
  ['compact.named', 1],
  ['compact.after', 1],
];

test.each(POINTS.map(([point, times], index) => [point, times, index * 2] as const))(
  'a kill at %s (%i) loses nothing and doubles nothing',
  async (point, times, round) => {
    change(round);
    // Enough files for a merge.
    change(round + 1);
    await killAt(point, times);
    await check();
  },
  60_000,
);
