import { expect, test } from 'bun:test';
import { until } from '../support/service-kit.ts';
import { threadsOf } from './procfs.ts';
import { LoadedService, ordersCsv } from './service.ts';

test.each([
  ['5', 5],
  ['0', 0],
])('with WORKER_NICE=%s threads that compute have nice %p, the one that answers 0', async (steps, nice) => {
  await using service = await LoadedService.start({
    ...{ WEB_CONCURRENCY: '1', DUCKDB_THREADS: '4', WORKER_NICE: steps },
  });
  expect((await service.client.upload('orders', ordersCsv(1000))).status).toBe(201);
  const body = { from: { dataset: 'orders' }, dimensions: ['region'] };
  expect((await service.client.call('POST', '/api/query/spec', { body })).status).toBe(200);
  const [pid] = service.pids;
  const computing = () => threadsOf(pid!).filter(({ name }) => /^(?:Worker|Bun Pool)/.test(name));
  // New ones are looked for every two seconds.
  await until(() => computing().every((thread) => thread.nice === nice));
  // Two workers, their DuckDB's threads beside those that call, and the pool.
  expect(computing().filter(({ name }) => name === 'Worker')).toHaveLength(2);
  expect(computing().filter(({ name }) => name.startsWith('Bun Pool')).length).toBeGreaterThanOrEqual(6);
  expect(threadsOf(pid!).find(({ id }) => id === pid)?.nice).toBe(0);
  expect(service.cluster.of('settings.ignored')).toEqual([]);
});
