import { expect, test } from 'bun:test';
import { Turns } from '../../../src/http/turns.ts';

const TURN_MS = 2;
const WORK_MS = 3;

function work(): void {
  const endMs = performance.now() + WORK_MS;
  while (performance.now() < endMs);
}

/** A server that works for each request but those of health; what it did, in order. */
function serve(turns: Turns | undefined) {
  const done: string[] = [];
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    development: false,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname !== '/health') {
        await turns?.take();
        work();
      }
      done.push(pathname);
      return new Response();
    },
  });
  return { done, ask: (path: string) => fetch(new URL(path, server.url)), server };
}

test('work begins in order and at once, until the turn is over', async () => {
  const turns = new Turns(TURN_MS);
  const begun: number[] = [];
  expect(turns.take()).toBeUndefined();
  work();
  const all = [1, 2, 3].map((number) => turns.take()!.then(() => begun.push(number)));
  expect(begun).toEqual([]);
  await Promise.all(all);
  expect(begun).toEqual([1, 2, 3]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(turns.take()).toBeUndefined();
});

test.each([
  ['with turns', true],
  ['without', false],
])('%s, what is asked last is answered among the first: %p', async (_, isEarly) => {
  const { done, ask, server } = serve(isEarly ? new Turns(TURN_MS) : undefined);
  await Promise.all(Array.from({ length: 41 }, () => ask('/health')));
  done.length = 0;
  const burst = Array.from({ length: 40 }, (_, i) => ask(`/${i}`));
  await Promise.all([...burst, ask('/health')]);
  expect(done.indexOf('/health') < 20).toBe(isEarly);
  expect(done.filter((path) => path !== '/health')).toHaveLength(40);
  await server.stop(true);
});
