import { join } from 'node:path';
import { quantile, rounded, timed } from '../bench/statistics.ts';
import { until } from '../support/service-kit.ts';
import { Client, signIn } from './client.ts';
import type { HealthReport } from './health-client.ts';
import { LoadedService, ordersCsv } from './service.ts';

export interface OverloadOptions {
  rows: number;
  /** The overload lasts until so many queries were answered and as many refused, */
  answered: number;
  /** and health was asked so often: a percentile of a few answers says nothing. */
  samples: number;
}

export interface OverloadResult {
  /** Queries that may run or wait; and how many are asked at once. */
  capacity: number;
  clients: number;
  answered: number;
  refused: Record<string, number>;
  /** Answers that are neither a result nor a refusal that says when to come again. */
  failures: string[];
  seconds: number;
  health: {
    samples: number;
    idleP99Ms: number;
    busyP50Ms: number;
    busyP99Ms: number;
    bareP99Ms: number;
    timesBare: number;
  };
  /** From the end of the overload to the next result. */
  recoveryMs: number;
}

const RUNNING = 2;
const WAITING = 4;
const TIMES = 5;
const USERS = 5;
const IDLE_SAMPLES = 200;
/** A client that was refused; the answer asks for longer. */
const REFUSED_PAUSE_MS = 50;
const PASSWORD = 'one of several users';

/** A server that does nothing else, in a process of its own: what it takes is the machine's part of every answer's time. */
export async function startBare() {
  const listening = Promise.withResolvers<string>();
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'bare-server.ts')], {
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    ipc: (url) => listening.resolve(url as string),
  });
  return {
    url: await listening.promise,
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}

/** Health, asked from another process until `stop`. */
export async function watchHealth(url: string, bareUrl: string) {
  const running = Promise.withResolvers<void>();
  const reported = Promise.withResolvers<HealthReport>();
  let samples = 0;
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'health-client.ts')], {
    env: { PATH: process.env.PATH ?? '', HEALTH_URL: `${url}/api/healthz`, BARE_URL: bareUrl },
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    ipc: (message) => {
      if (typeof message !== 'number') return reported.resolve(message as HealthReport);
      samples = message;
      running.resolve();
    },
  });
  await running.promise;
  return {
    samples: () => samples,
    async stop(): Promise<HealthReport> {
      child.send('stop');
      return reported.promise;
    },
  };
}

async function makeUsers(service: LoadedService): Promise<Client[]> {
  const clients: Client[] = [];
  for (let i = 0; i < USERS; i++) {
    const user = { email: `user${i}@example.com`, password: PASSWORD };
    const body = { ...user, name: `User ${i}`, role: 'viewer' };
    const made = await service.client.call('POST', '/api/users', { body });
    if (made.status !== 201) throw new Error(made.text);
    clients.push(new Client(service.url, await signIn(service.url, user), 1));
  }
  return clients;
}

/** A pivot like no other before: equal ones in flight would run once. */
const pivot = (number: number) => ({
  from: { dataset: 'orders' },
  rows: ['region', 'customer'],
  columns: [{ field: 'day', grain: 'month', as: 'month' }],
  measures: [{ agg: 'countDistinct', field: 'id', as: 'orders' }],
  totals: { rows: 'all', columns: 'all' },
  where: { field: 'id', op: 'ne', value: number },
  page: { rows: { offset: 0, limit: 10 } },
});

/** Five times as many heavy pivots as may run and wait, by several users, for as long as the options say. */
export async function overload({ rows, answered: goal, samples }: OverloadOptions): Promise<OverloadResult> {
  await using bare = await startBare();
  await using service = await LoadedService.start({
    WEB_CONCURRENCY: '1',
    HEAVY_QUERY_CONCURRENCY: String(RUNNING),
    HEAVY_QUERY_QUEUE: String(WAITING),
    USER_QUERY_CONCURRENCY: '2',
    USER_QUERY_QUEUE: '1',
  });
  const uploaded = await service.client.upload('orders', ordersCsv(rows));
  if (uploaded.status !== 201) throw new Error(uploaded.text);
  const users = await makeUsers(service);
  const idle: number[] = [];
  while (idle.length < IDLE_SAMPLES) idle.push(await timed(() => service.client.call('GET', '/api/healthz')));

  const failures: string[] = [];
  const refused: Record<string, number> = {};
  let answered = 0;
  let number = 0;
  let isRunning = true;
  const refusals = () => Object.values(refused).reduce((sum, count) => sum + count, 0);
  async function client(user: Client): Promise<void> {
    while (isRunning) {
      const reply = await user.call('POST', '/api/query/pivot', { body: pivot(number++) });
      if (reply.status === 200) answered++;
      else if (/^\d+$/.test(reply.headers.get('retry-after') ?? '') && [429, 503].includes(reply.status)) {
        const { code } = JSON.parse(reply.text) as { code: string };
        refused[`${reply.status} ${code}`] = (refused[`${reply.status} ${code}`] ?? 0) + 1;
        await Bun.sleep(REFUSED_PAUSE_MS);
      } else failures.push(`${reply.status} ${reply.text}`);
    }
  }
  const health = await watchHealth(service.url, bare.url);
  const started = performance.now();
  const clients = (RUNNING + WAITING) * TIMES;
  const running = Promise.all(Array.from({ length: clients }, (_, i) => client(users[i % USERS]!)));
  const isEnough = () => answered >= goal && refusals() >= goal && health.samples() >= samples;
  await until(() => isEnough() || failures.length > 0);
  const seconds = (performance.now() - started) / 1000;
  const { times, bareTimes, failures: unhealthy } = await health.stop();
  const [busyP99Ms, bareP99Ms] = [quantile(times, 0.99), quantile(bareTimes, 0.99)];
  isRunning = false;
  const recoveryMs = await timed(() =>
    until(
      async () =>
        (await service.client.call('POST', '/api/query/pivot', { body: pivot(number++) })).status === 200,
    ),
  );
  await running;
  return {
    ...{ capacity: RUNNING + WAITING, clients, answered, refused, seconds: rounded(seconds, 1) },
    failures: [...failures, ...unhealthy],
    health: {
      samples: times.length,
      idleP99Ms: rounded(quantile(idle, 0.99)),
      busyP50Ms: rounded(quantile(times, 0.5)),
      busyP99Ms: rounded(busyP99Ms),
      bareP99Ms: rounded(bareP99Ms),
      timesBare: rounded(busyP99Ms / bareP99Ms),
    },
    recoveryMs: Math.round(recoveryMs),
  };
}
