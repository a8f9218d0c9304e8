import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { openSyncKit, type SyncKit } from './kit.ts';

let server: TestServer;
let kit: SyncKit;
beforeAll(async () => {
  server = await startPostgres();
  kit = await openSyncKit();
  await kit.addDatasource('shop', 'postgres', server);
}, 60000);
afterAll(async () => {
  await kit[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});
test('snapshot and increment', async () => {
  server.admin(
    `create table o (id bigint primary key, at timestamptz not null, amount numeric(10,2), free numeric, t text); insert into o select i, timestamptz '2024-01-01' + (i/3) * interval '1 s', i/100.0, i/8.0, 'x' || i from generate_series(1,1000) i`,
  );
  await kit.task({
    name: 'snap',
    source: { kind: 'table', datasource: 'shop', table: 'public.o' },
    dataset: 'snap',
    mode: 'snapshot',
  });
  console.log(await kit.sync('snap'));
  await kit.task({
    name: 'inc',
    source: { kind: 'table', datasource: 'shop', table: 'public.o' },
    dataset: 'inc',
    mode: 'incremental',
    cursor: { column: 'at' },
    batchRows: 100,
  });
  console.log(
    await kit.sync('inc').catch((e) => {
      console.log(e.cause);
      throw e;
    }),
  );
  console.log((await kit.tasks.get('inc')).checkpoint);
  expect(await kit.rows('inc')).toEqual(await kit.rows('snap'));
  console.log(
    await kit.sync('inc').catch((e) => {
      console.log(e.cause);
      throw e;
    }),
  );
  server.admin(
    `insert into o select i, timestamptz '2024-01-01' + (i/3) * interval '1 s', i/100.0, i/8.0, 'x' || i from generate_series(1001,1500) i`,
  );
  console.log(await kit.sync('inc'), await kit.sync('snap'));
  expect(await kit.rows('inc')).toEqual(await kit.rows('snap'));
  console.log((await kit.datasets.generations('inc')).length, (await kit.rows('inc')).slice(0, 3));
});
