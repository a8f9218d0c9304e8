import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/service-kit.ts';
import { connectionsOf, type ProcessUse, rssBytes, useOf } from './procfs.ts';
import { LoadedService, ordersCsv } from './service.ts';
import type { SoakOrder, SoakReport } from './soak-client.ts';

export interface SoakOptions {
  processes: number;
  /** Before anything is measured: pools and caches fill. */
  warmUp: number;
  requests: number;
  clients: number;
}

export interface SoakResult {
  requests: number;
  byKind: Record<string, number>;
  failures: string[];
  seconds: number;
  /** Of each process, the mean of the last quarter divided by that of the second. */
  rssRatios: number[];
  rssMiB: { secondQuarter: number[]; lastQuarter: number[] };
  /** By process, descriptors and threads before and after. */
  before: ProcessUse[];
  after: ProcessUse[];
  connections: { established: number; closeWait: number };
  /** Files beside those of the datasets that are there. */
  filesLeft: string[];
  replaced: number;
}

const ROWS = 20_000;
const SAMPLES = 80;
const VIEWS_WRITTEN_MS = 60_000;

/** Sends the requests `first` to `end` from a process of its own, so that all its connections end with it. */
async function send(
  service: LoadedService,
  order: Omit<SoakOrder, 'url' | 'token'>,
  each: (report: SoakReport) => void,
): Promise<void> {
  const { url, token } = service.client;
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'soak-client.ts')], {
    env: { PATH: process.env.PATH ?? '', SOAK: JSON.stringify({ ...order, url, token } satisfies SoakOrder) },
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    ipc: (report) => each(report as SoakReport),
  });
  if ((await child.exited) !== 0) throw new Error(`the client ended with ${child.exitCode}`);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of samples in time, the means of the second and the last quarter, in MiB. */
function quarters(samples: readonly number[]): [second: number, last: number] {
  const quarter = Math.floor(samples.length / 4);
  const of = (values: readonly number[]) => Math.round((mean(values) / 2 ** 20) * 10) / 10;
  return [of(samples.slice(quarter, 2 * quarter)), of(samples.slice(-quarter))];
}

/** Idle connections are gone and nothing is in progress. */
const quiet = async (service: LoadedService) => {
  const gone = () => {
    const { established, closeWait } = connectionsOf(service.port);
    return established + closeWait === 0;
  };
  await until(gone);
};

function filesLeft(folder: string): string[] {
  const isExpected = (path: string) =>
    /^(?:local\.duckdb|meta\.sqlite(?:-wal|-shm)?|secret\.key)$/.test(path) ||
    /^datasets\/dst_\w+\/(?:\d+-\d+\.parquet|\d+-original)$/.test(path);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !entry.parentPath.includes('/.bun'))
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1))
    .filter((path) => !isExpected(path));
}

/** Mixed requests of every kind at several processes; what they leave behind. */
export async function soak(
  options: SoakOptions,
  say: (text: string) => void = () => undefined,
): Promise<SoakResult> {
  await using service = await LoadedService.start({
    WEB_CONCURRENCY: String(options.processes),
    RESULT_CACHE_BYTES: '4MiB',
    USER_QUERY_CONCURRENCY: '64',
    UPLOAD_CONCURRENCY: '16',
    DATASET_GRACE_SECONDS: '60',
  });
  const uploaded = await service.client.upload('orders', ordersCsv(ROWS));
  if (uploaded.status !== 201) throw new Error(uploaded.text);
  const { clients, warmUp } = options;
  const end = warmUp + options.requests;
  const failures: string[] = [];
  const every = Math.ceil(options.requests / SAMPLES);
  await send(service, { first: 0, end: warmUp, clients, every }, (report) =>
    failures.push(...report.failures),
  );
  await quiet(service);
  const { pids } = service;
  const before = pids.map(useOf);
  const samples = new Map(pids.map((pid) => [pid, [] as number[]]));
  let byKind: Record<string, number> = {};
  const started = performance.now();
  await send(service, { first: warmUp, end, clients, every }, (report) => {
    failures.push(...report.failures);
    byKind = report.byKind;
    for (const [pid, values] of samples) values.push(rssBytes(pid));
    const shown = [...samples.values()].map((values) => Math.round(values.at(-1)! / 2 ** 20));
    say(`${report.done} requests, ${shown} MiB, ${failures.length} failures`);
  });
  const seconds = (performance.now() - started) / 1000;
  await quiet(service);
  // The file of views is written anew some time after the last publication.
  const endMs = performance.now() + VIEWS_WRITTEN_MS;
  const { folder } = service.cluster;
  await until(() => filesLeft(folder).length === 0 || performance.now() > endMs);
  const means = [...samples.values()].map(quarters);
  return {
    requests: options.requests,
    byKind,
    failures,
    seconds: Math.round(seconds * 10) / 10,
    rssRatios: means.map(([second, last]) => Math.round((last / second) * 1000) / 1000),
    rssMiB: { secondQuarter: means.map(([second]) => second), lastQuarter: means.map(([, last]) => last) },
    before,
    after: pids.map(useOf),
    connections: connectionsOf(service.port),
    filesLeft: filesLeft(folder),
    replaced: service.cluster.of('process.died').length,
  };
}
