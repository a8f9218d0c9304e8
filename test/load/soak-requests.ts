import { ADMIN } from '../processes/cluster.ts';
import { until } from '../support/service-kit.ts';
import type { Client, Reply } from './client.ts';

/** What of a soak the requests share. */
export interface SoakContext {
  client: Client;
  /** A number that no other request of the soak has. */
  number: number;
  /** ETags by what was asked. */
  tags: Map<string, string>;
}

type SoakRequest = (context: SoakContext) => Promise<void>;

function mustBe(reply: Reply, ...expected: number[]): Reply {
  if (!expected.includes(reply.status))
    throw new Error(
      `answered ${reply.status} in place of ${expected.join(' or ')}: ${reply.text.slice(0, 300)}`,
    );
  return reply;
}

const from = { dataset: 'orders' };
const revenue = { agg: 'sum', field: 'amount', as: 'revenue' };
/** Two seconds, and what a slow machine adds. */
const SEEN_WITHIN_MS = 10_000;
const RUN_ANEW = { 'cache-control': 'no-cache' };

/** A filter that few other requests have, so that most are run and some are found in the cache. */
const where = (number: number) => ({ field: 'id', op: 'gte', value: number % 500 });

const spec = (number: number) => ({
  from,
  dimensions: ['region'],
  measures: [revenue],
  where: where(number),
});

const pivot = (number: number) => ({
  from,
  rows: ['region'],
  columns: [{ field: 'day', grain: 'quarter', as: 'quarter' }],
  measures: [revenue, { agg: 'countDistinct', field: 'customer', as: 'customers' }],
  totals: { rows: 'all', columns: 'grand' },
  where: where(number),
});

async function queries({ client, number }: SoakContext): Promise<void> {
  const reply = mustBe(await client.call('POST', '/api/query/spec', { body: spec(number) }), 200);
  const { rows } = JSON.parse(reply.text) as { rows: unknown[][] };
  if (rows.length !== 5) throw new Error(`${rows.length} rows in place of 5`);
}

async function pivots({ client, number }: SoakContext): Promise<void> {
  const reply = mustBe(await client.call('POST', '/api/query/pivot', { body: pivot(number) }), 200);
  const { cells } = JSON.parse(reply.text) as { cells: unknown[][] };
  if (cells.length !== 6) throw new Error(`${cells.length} rows of cells in place of 6`);
}

async function unchanged({ client, tags }: SoakContext): Promise<void> {
  const known = tags.get('spec');
  const headers = known === undefined ? {} : { 'if-none-match': known };
  const reply = await client.call('POST', '/api/query/spec', { body: spec(0), headers });
  mustBe(reply, known === undefined ? 200 : 304);
  tags.set('spec', reply.headers.get('etag') ?? '');
}

async function files({ client, number }: SoakContext): Promise<void> {
  const reply = await client.call('POST', '/api/query/spec?format=csv', { body: spec(number) });
  if (mustBe(reply, 200).text.split('\n').length < 6) throw new Error(`a short file: ${reply.text}`);
}

async function uploads({ client, number }: SoakContext): Promise<void> {
  const csv = `a,b\n${Array.from({ length: 50 }, (_, i) => `${i},${number}`).join('\n')}\n`;
  const made = JSON.parse(mustBe(await client.upload(`upload_${number}`, csv), 201).text) as { id: string };
  mustBe(await client.call('GET', `/api/datasets/${made.id}/preview`), 200);
  mustBe(await client.call('DELETE', `/api/datasets/${made.id}`), 204);
}

async function signsIn({ client }: SoakContext): Promise<void> {
  const signedIn = mustBe(await client.call('POST', '/api/auth/login', { body: ADMIN }), 200);
  const { token } = JSON.parse(signedIn.text) as { token: string };
  mustBe(await client.call('GET', '/api/auth/me', { token }), 200);
  mustBe(await client.call('POST', '/api/auth/logout', { token }), 204);
  // Another process may believe a session for two seconds after its end.
  const endedMs = performance.now();
  await until(
    async () => mustBe(await client.call('GET', '/api/auth/me', { token }), 200, 401).status === 401,
  );
  const seenMs = performance.now() - endedMs;
  if (seenMs > SEEN_WITHIN_MS)
    throw new Error(`a session was good for ${Math.round(seenMs)} ms after its end`);
}

/** The connection ends while the answer is made, or before. */
async function hangsUp({ client, number }: SoakContext): Promise<void> {
  const controller = new AbortController();
  const init = { body: pivot(number), headers: RUN_ANEW, signal: controller.signal };
  const asked = client.call('POST', '/api/query/pivot', init).catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
  await client.call('GET', '/api/healthz');
  controller.abort();
  await asked;
}

/** Another connection cancels; it may come too late, or to the query before it has begun. */
async function cancels({ client, number }: SoakContext): Promise<void> {
  const requestId = `soak-${number}`;
  const init = { body: { ...pivot(number), requestId }, headers: RUN_ANEW };
  const asked = client.call('POST', '/api/query/pivot', init);
  mustBe(await client.call('DELETE', `/api/queries/${requestId}`), 204, 404);
  mustBe(await asked, 200, 409);
}

async function wrong({ client, number }: SoakContext): Promise<void> {
  const post = (path: string, body: unknown) => client.call('POST', path, { body });
  const bodies: [unknown, ...number[]][] = [
    [{ ...spec(number), nonsense: 1 }, 400],
    [{ ...spec(number), dimensions: ['nowhere'] }, 400, 422],
    ['{"from":', 400],
    [{ ...spec(number), from: { dataset: 'nowhere' } }, 404],
  ];
  const [body, ...expected] = bodies[number % bodies.length]!;
  mustBe(await post('/api/query/spec', body), ...expected);
}

/** By how many of a hundred requests are such. */
const SHARES: Record<string, [share: number, request: SoakRequest]> = {
  spec: [22, queries],
  pivot: [12, pivots],
  unchanged: [14, unchanged],
  csv: [8, files],
  distinct: [
    10,
    async ({ client, number }) => {
      const body = { from, field: 'customer', search: `c${number % 400}`, limit: 20 };
      mustBe(await client.call('POST', '/api/query/distinct', { body }), 200);
    },
  ],
  list: [
    14,
    async ({ client }) => {
      mustBe(await client.call('GET', '/api/datasets?limit=5'), 200);
    },
  ],
  wrong: [8, wrong],
  stranger: [
    4,
    async ({ client }) => {
      mustBe(await client.call('GET', '/api/datasets', { token: 'sk_of-a-stranger' }), 401);
    },
  ],
  hangUp: [3, hangsUp],
  cancel: [3, cancels],
  upload: [1, uploads],
  signIn: [1, signsIn],
};

const WHEEL = Object.entries(SHARES).flatMap(([name, [share]]) => Array<string>(share).fill(name));

/** The kind of the n-th request: each hundred has all kinds by their shares, well mixed. */
export const kindOf = (number: number): string => WHEEL[(number * 37) % WHEEL.length]!;

export const requestOf = (kind: string): SoakRequest => SHARES[kind]![1];
