import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quantile, rounded } from '../bench/statistics.ts';
import { until } from '../support/service-kit.ts';
import { startBare, watchHealth } from './overload.ts';
import { childrenOf, rssBytes, useOf } from './procfs.ts';
import { LoadedService, ordersCsv } from './service.ts';
import type { SocketsOrder, SocketsReport } from './sockets-client.ts';

export interface SocketsResult {
  /** What was to be held, and what the limits of the machine let a process hold. */
  wanted: number;
  sockets: number;
  refused: Record<string, number>;
  limitsHit: number;
  closedEarly: number;
  heartbeats: number;
  told: number;
  bytesPerSocket: number;
  health: { samples: number; p50Ms: number; p99Ms: number; bareP99Ms: number; failures: string[] };
  /** Of the service, before the first socket and after the last one. */
  descriptors: { before: number; after: number };
}

/** Of the descriptors that a process may have, those that are no sockets of the test. */
const OTHER_DESCRIPTORS = 500;

/** Each end of a socket is a descriptor, in a process of its own. */
function mostSockets(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const soft = /^Max open files\s+(\S+)/m.exec(limits)![1]!;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft) - OTHER_DESCRIPTORS;
}

async function startClient(service: LoadedService, dataset: string) {
  const state: { report: SocketsReport } = { report: { open: 0, refused: {}, closed: 0, heard: {} } };
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'sockets-client.ts')], {
    env: {
      PATH: process.env.PATH ?? '',
      LIVE_URL: service.url,
      LIVE_TOKEN: service.client.token,
      LIVE_DATASET: dataset,
    },
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    ipc: (report) => {
      state.report = report as SocketsReport;
    },
  });
  return {
    state,
    order: (order: SocketsOrder) => child.send(order),
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}

/** Idle WebSockets of `/api/live`, as many as the machine lets a process have: held, told of a change, and let go. */
export async function sockets(
  wanted: number,
  say: (text: string) => void = () => undefined,
): Promise<SocketsResult> {
  const count = Math.min(wanted, mostSockets());
  if (count < wanted) say(`ONLY ${count} SOCKETS IN PLACE OF ${wanted}: the limit on open files is too low`);
  await using bare = await startBare();
  await using service = await LoadedService.start({
    WEB_CONCURRENCY: '1',
    LIVE_MAX_CONNECTIONS: String(count),
  });
  const uploaded = await service.client.upload('orders', ordersCsv(100));
  const { id } = JSON.parse(uploaded.text) as { id: string };
  const [pid] = service.pids as [number];
  await service.metric('live_connections');
  // Engine processes for queries and for files, and the spare, hold descriptors from now on.
  await until(() => childrenOf(pid).length === 3);
  const before = useOf(pid);
  await using client = await startClient(service, id);
  const health = await watchHealth(service.url, bare.url);
  const report = () => client.state.report;
  client.order({ kind: 'open', count });
  await until(() => report().open === count || Object.keys(report().refused).length > 0);
  await until(() => (report().heard['dataset 1'] ?? 0) === report().open);
  const bytesPerSocket = Math.round((rssBytes(pid) - before.rssBytes) / count);
  say(`${report().open} sockets, ${bytesPerSocket} bytes each`);
  client.order({ kind: 'open', count: 3 });
  await until(() => report().refused['503'] === 3);
  await until(() => (report().heard.heartbeat ?? 0) === count);
  say('each had its heartbeat');
  const next = new FormData();
  next.append('file', new Blob([ordersCsv(200)]), 'rows.csv');
  await service.client.call('POST', `/api/datasets/${id}/generations`, { body: next });
  await until(() => (report().heard['dataset 2'] ?? 0) === count);
  const held = structuredClone(report());
  const limitsHit = await service.metric('limits_hit_total{limit="LIVE_MAX_CONNECTIONS"}');
  const { times, bareTimes, failures } = await health.stop();
  client.order({ kind: 'close' });
  await until(async () => (await service.metric('live_connections')) === 0);
  await until(() => useOf(pid).descriptors.length <= before.descriptors.length);
  return {
    ...{ wanted, sockets: held.open, refused: held.refused, limitsHit, closedEarly: held.closed },
    heartbeats: held.heard.heartbeat ?? 0,
    told: held.heard['dataset 2'] ?? 0,
    bytesPerSocket,
    health: {
      samples: times.length,
      p50Ms: rounded(quantile(times, 0.5)),
      p99Ms: rounded(quantile(times, 0.99)),
      bareP99Ms: rounded(quantile(bareTimes, 0.99)),
      failures,
    },
    descriptors: { before: before.descriptors.length, after: useOf(pid).descriptors.length },
  };
}
