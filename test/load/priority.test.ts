import { expect, test } from 'bun:test';
import { childrenOf, threadsOf } from './procfs.ts';
import { LoadedService, ordersCsv } from './service.ts';

test.each([
  ['5', 5],
  ['0', 0],
])('with WORKER_NICE=%s engine processes have nice %p, the one that answers 0', async (steps, nice) => {
  await using service = await LoadedService.start({
    ...{ WEB_CONCURRENCY: '1', DUCKDB_THREADS: '4', WORKER_NICE: steps },
  });
  expect((await service.client.upload('orders', ordersCsv(1000))).status).toBe(201);
  const body = { from: { dataset: 'orders' }, dimensions: ['region'] };
  expect((await service.client.call('POST', '/api/query/spec', { body })).status).toBe(200);
  const [pid] = service.pids;
  const engines = childrenOf(pid!);
  expect(engines.length).toBeGreaterThanOrEqual(2);
  // The spare is lowered when it is given a purpose.
  const working = engines.filter((engine) => threadsOf(engine).some(({ name }) => name === 'Worker'));
  expect(working.length).toBeGreaterThanOrEqual(2);
  for (const engine of working) {
    const computing = threadsOf(engine).filter(({ name }) => /^(?:Worker|Bun Pool)/.test(name));
    expect(computing.length).toBeGreaterThanOrEqual(2);
    expect(computing.map((thread) => thread.nice)).toEqual(computing.map(() => nice));
  }
  expect(threadsOf(pid!).find(({ id }) => id === pid)?.nice).toBe(0);
  expect(service.cluster.of('settings.ignored')).toEqual([]);
});
