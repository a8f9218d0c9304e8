import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { openDescriptors, portState } from '../../../src/host/descriptors.ts';
import { openLibc } from '../../../src/host/libc.ts';
import { ListenSockets } from '../../../src/host/listen-sockets.ts';
import { Listener } from '../../../src/host/listener.ts';

const serve = (text: string) =>
  Listener.find(() => Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response(text) }));

const ask = async (port: number) =>
  (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text();

test('a server accepts from an inherited socket; what waits there is not lost when it stops', async () => {
  const libc = openLibc();
  const sockets = await ListenSockets.claim(libc, 'localhost', 0, 16);
  const kept = sockets.open();
  const asked = ask(sockets.port);
  const [first, listener] = serve('first');
  listener!.adopt(dup(kept));
  expect(await asked).toBe('first');
  await listener!.close(sockets.port);
  const waiting = ask(sockets.port);
  while (portState(sockets.port)?.arriving === 0) await Bun.sleep(1);
  const [second, next] = serve('second');
  next!.adopt(dup(kept));
  expect(await waiting).toBe('second');
  await first.stop(true);
  await second.stop(true);
  sockets.close(kept);
  await expect(ask(sockets.port)).rejects.toThrow();
});

function dup(descriptor: number): number {
  const libc = openLibc();
  const free = Math.max(...openDescriptors().keys()) + 1;
  return libc.dup3(descriptor, free, 0);
}

test('a socket of its own refuses once it is closed; open connections are served on', async () => {
  const [server, listener] = serve('here');
  const port = server.port!;
  const { promise: got, resolve } = Promise.withResolvers<string>();
  let answers = 0;
  const connection = await Bun.connect({
    hostname: '127.0.0.1',
    port: port,
    socket: { data: (_, bytes) => (++answers === 2 ? resolve(bytes.toString()) : undefined) },
  });
  connection.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  while (answers === 0) await Bun.sleep(1);
  await listener!.close(port);
  expect(portState(port)?.open).toBeGreaterThan(0);
  await expect(ask(port)).rejects.toThrow();
  connection.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  expect(await got).toEndWith('here');
  connection.end();
  await server.stop(true);
});

test('connections that come while the socket closes are answered or refused, never dropped', async () => {
  const [server, listener] = serve('here');
  const port = server.port!;
  const asked = Array.from({ length: 200 }, () => ask(port).catch((error: Error) => error.message));
  // One is answered for certain; the others are on their way.
  await Promise.race(asked);
  const closed = listener!.close(port);
  const outcomes = new Set(await Promise.all(asked));
  await closed;
  await server.stop(true);
  expect(outcomes).toContain('here');
  expect([...outcomes].filter((text) => text !== 'here' && !/unable to connect/i.test(text))).toEqual([]);
});

/** Runs as a service does: the kernel keeps some options of sockets to those with CAP_NET_ADMIN. */
const WITHOUT_RIGHTS =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs'] : [];

test.each(['127.0.0.1', '::'])('to close a socket takes no right (%s)', (hostname) => {
  const script = `
    import { Listener } from ${JSON.stringify(join(import.meta.dir, '../../../src/host/listener.ts'))};
    const { promise: asked, resolve } = Promise.withResolvers();
    const answer = Promise.withResolvers();
    const fetchNow = () => (resolve(), answer.promise);
    const [server, listener] = Listener.find(() => Bun.serve({ hostname: '${hostname}', port: 0, fetch: fetchNow }));
    const url = 'http://127.0.0.1:' + server.port;
    const first = fetch(url).then((response) => response.text());
    await asked;
    const closed = listener.close(server.port);
    const second = fetch(url).then((response) => response.text(), ({ code }) => code);
    await closed;
    answer.resolve(new Response('here'));
    console.log(await first, await second);
    process.exit(0);`;
  const run = Bun.spawnSync([...WITHOUT_RIGHTS, process.execPath, '-e', script]);
  expect(`${run.stdout}${run.stderr}`).toBe('here ECONNREFUSED\n');
});

test('a port that is taken, or an address of another machine, is an error of the system', async () => {
  const libc = openLibc();
  using other = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() });
  await expect(ListenSockets.claim(libc, '127.0.0.1', other.port!, 16)).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
  await expect(ListenSockets.claim(libc, '192.0.2.1', 0, 16)).rejects.toMatchObject({
    code: 'EADDRNOTAVAIL',
  });
});
