import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestServer } from '../support/postgres-server.ts';
import { openService, type TestService, until } from '../support/service-kit.ts';
import { ENGINES } from './servers.ts';

/**
 * Waits in the server until no statement reads the table, and says when that was: looking from outside would take longer than what is measured
 * on a machine that is busy.
 */
const WATCH = {
  postgres: {
    isRunning: `select count(*) from pg_stat_activity where state = 'active' and query like 'COPY%slow\\_view%'`,
    watchers: `select count(*) from pg_stat_activity where state = 'active' and query like 'do%slow%'`,
    end: `do $$ begin
        while exists (select 1 from pg_stat_activity where state = 'active' and query like 'COPY%slow\\_view%') loop
          perform pg_stat_clear_snapshot(), pg_sleep(0.01);
        end loop;
      end $$;
      select extract(epoch from clock_timestamp()) * 1000`,
    view: 'create view slow_view as select i as c, cast(pg_sleep(0.05) as text) as s from generate_series(1, 2000) i',
  },
  mysql: {
    isRunning: `select count(*) from information_schema.processlist where info like '%FROM \`slow\\_view\`%' and id <> connection_id()`,
    watchers:
      "select count(*) from information_schema.processlist where info like 'do sleep%' and id <> connection_id()",
    end: `delimiter //
      begin not atomic
        while exists (select 1 from information_schema.processlist where info like '%FROM \`slow\\_view\`%' and id <> connection_id()) do
          do sleep(0.01);
        end while;
        select unix_timestamp(sysdate(6)) * 1000;
      end//`,
    view: 'create view slow_view as select seq as c, sleep(0.05) as s from seq_1_to_2000',
  },
} as const;
const ATTEMPTS = 3;
const WITHIN_MS = 1000;

describe.each(ENGINES)('$name', ({ name, start }) => {
  let server: TestServer;
  let service: TestService;
  beforeAll(async () => {
    [server, service] = await Promise.all([start(), openService({ RUN_SCHEDULER: '1' })]);
    server.admin(WATCH[name].view);
    const { host, port, user, password, database } = server;
    const settings = { host, port, user, password, database };
    await service.call('POST', '/api/datasources', { name: 'shop', type: name, settings });
    await service.call('POST', '/api/sync-tasks', {
      ...{ name: 'slow', dataset: 'slow', mode: 'snapshot' },
      source: { kind: 'table', datasource: 'shop', table: 'slow_view' },
    });
  }, 60_000);
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Milliseconds from the request to the moment at which the server had no such statement any more. */
  async function abortedAfterMs(): Promise<number> {
    const { json } = await service.call('POST', '/api/sync-tasks/slow/run');
    await until(async () => server.admin(WATCH[name].isRunning) !== '0');
    const endedAt = server.adminSoon(WATCH[name].end);
    await until(async () => server.admin(WATCH[name].watchers) !== '0');
    const startedAt = Date.now();
    await service.call('POST', `/api/runs/${json.id}/abort`);
    const afterMs = Number(await endedAt) - startedAt;
    const run = async () => (await service.call('GET', `/api/runs/${json.id}`)).json;
    await until(async () => (await run()).endedAt !== null);
    expect(await run()).toMatchObject({ state: 'aborted', fault: { code: 'run.aborted' } });
    return afterMs;
  }

  test('an abort ends the statement in the server within a second and leaves nothing behind', async () => {
    // Of a machine that is busy with other things the best of some attempts says how long the service takes.
    const spent: number[] = [];
    while (spent.length < ATTEMPTS && !spent.some((ms) => ms < WITHIN_MS)) spent.push(await abortedAfterMs());
    expect(Math.min(...spent)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...spent)).toBeLessThan(WITHIN_MS);
    expect((await service.call('GET', '/api/datasets/slow')).json.code).toBe('resource.notFound');
    await until(async () => (await readdir(join(service.folder, 'uploads'))).length === 0);
  }, 60_000);
});
