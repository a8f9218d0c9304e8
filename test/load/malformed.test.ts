import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { Cluster } from '../processes/cluster.ts';
import { until } from '../support/service-kit.ts';
import { RAW_CASES } from './malformed-cases.ts';
import { type RawAnswer, RawConnection } from './raw.ts';

let cluster: Cluster;
const given = new Map<string, { ours: RawAnswer[]; bare: number[] }>();

/** What comes back until the connection is closed: by the answer, or because it is idle. */
async function ask(url: string, bytes: string): Promise<RawAnswer[]> {
  const connection = new RawConnection(url);
  connection.send(bytes);
  await connection.closed;
  return connection.answers;
}

const statuses = (answers: RawAnswer[]) => answers.map(({ status }) => status);

// All at once: most connections are closed by the idle timeout, which Bun looks at every four seconds.
beforeAll(async () => {
  cluster = await Cluster.start({ WEB_CONCURRENCY: '1', CHANNEL_TIMEOUT: '2', KEEP_ALIVE: '1' });
  await using bare = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    development: false,
    idleTimeout: 1,
    async fetch(request) {
      await request.bytes();
      return new Response('ok');
    },
  });
  await Promise.all(
    RAW_CASES.map(async ({ name, bytes, gap }) => {
      const ours = await ask(cluster.url, bytes);
      given.set(name, { ours, bare: gap ? statuses(await ask(bare.url.href, bytes)) : [] });
    }),
  );
});
afterAll(() => cluster[Symbol.asyncDispose]());

describe('what no client library sends', () => {
  test.each(RAW_CASES)('$name', ({ name, expected, gap }) => {
    const { ours, bare } = given.get(name)!;
    expect(gap?.given ?? [expected]).toContainEqual(statuses(ours));
    for (const { head, body } of ours) expect(head + body).not.toMatch(/src\/|node_modules|\bat \/|Error:/);
    // A gap is Bun's own: without the service as many answers come.
    if (gap) expect(gap.given.map(({ length }) => length)).toContain(bare.length);
  });

  test('nothing that was smuggled was taken for a request, and the service goes on', async () => {
    const ids = () => cluster.of('http.request').map(({ requestId }) => requestId);
    await fetch(`${cluster.url}/api/auth/me`, { headers: { 'x-request-id': 'asked' } });
    await until(() => ids().includes('asked'));
    expect(ids()).not.toContain('smuggled');
    expect(cluster.events.filter(({ level }) => level === 'error')).toEqual([]);
    expect(cluster.child.exitCode).toBeNull();
    expect(RAW_CASES.length).toBeGreaterThanOrEqual(60);
    expect(new Set(RAW_CASES.map(({ name }) => name)).size).toBe(RAW_CASES.length);
  });
});
