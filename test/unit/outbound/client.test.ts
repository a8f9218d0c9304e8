import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { makeCertificates, tempFolder } from '../../support/server-process.ts';
import { clientFor, faultOf, serve, serveRaw, serveTls, textOf } from './kit.ts';

const LOOPBACK = ['127.0.0.1'];
const signal = (ms: number) => AbortSignal.timeout(ms);

describe('an answer', () => {
  test('has status, headers in lower case and its bytes; gzip is undone', async () => {
    await using server = await serve((request, response) => {
      response.writeHead(201, { 'Content-Encoding': 'gzip', 'X-Asked': request.headers['x-asked'] ?? '' });
      response.end(gzipSync(`${request.method} ${request.url} ${request.headers.host}`));
    });
    const { get, metrics } = clientFor(LOOPBACK);
    const answer = await get(`${server.url}/a?b=c#d`, { headers: { 'X-Asked': 'yes' } });
    expect(await textOf(answer.body)).toBe(`GET /a?b=c 127.0.0.1:${server.port}`);
    expect([answer.status, answer.headers['x-asked']]).toEqual([201, 'yes']);
    expect(await metrics.registry.metrics()).toContain(
      'outbound_requests_total{purpose="ingest",outcome="ok"} 1',
    );
  });

  test('a body is sent with its length', async () => {
    await using server = await serve((request, response, body) =>
      response.end(`${request.headers['content-length']} ${body}`),
    );
    const { get } = clientFor(LOOPBACK);
    const answer = await get(server.url, { method: 'POST', body: 'größe' });
    expect(await textOf(answer.body)).toBe('7 größe');
  });

  test('an error status is an answer; discarding it ends the connection', async () => {
    const closed = Promise.withResolvers<void>();
    await using server = await serve((request, response) => {
      request.socket.once('close', () => closed.resolve());
      response.writeHead(500).write('some of a secret body');
    });
    const answer = await clientFor(LOOPBACK).get(server.url);
    expect(answer.status).toBe(500);
    await answer.discard();
    await closed.promise;
  });

  test('proxies of the environment are not used', async () => {
    const asked: string[] = [];
    await using proxy = await serveRaw((socket) => {
      asked.push('proxy');
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy');
    });
    await using server = await serve((_, response) => response.end('server'));
    const before = { ...process.env };
    Object.assign(process.env, { HTTP_PROXY: proxy.url, http_proxy: proxy.url, NODE_USE_ENV_PROXY: '1' });
    try {
      expect(await textOf((await clientFor(LOOPBACK).get(server.url)).body)).toBe('server');
    } finally {
      for (const name of ['HTTP_PROXY', 'http_proxy', 'NODE_USE_ENV_PROXY']) {
        delete process.env[name];
        if (before[name] !== undefined) process.env[name] = before[name];
      }
    }
    expect(asked).toEqual([]);
  });
});

describe('a name', () => {
  test('is looked up once and its address pinned: a zone that changes its mind leads nowhere else', async () => {
    await using server = await serve((request, response) => response.end(`for ${request.headers.host}`));
    let looks = 0;
    const resolver = async () => (looks++ === 0 ? ['127.0.0.1'] : ['169.254.169.254']);
    const { get } = clientFor([`api.example:${server.port}`], { resolver });
    const answer = await get(`http://api.example:${server.port}/`);
    expect(await textOf(answer.body)).toBe(`for api.example:${server.port}`);
    expect(looks).toBe(1);
    expect(await faultOf(get(`http://api.example:${server.port}/`))).toMatchObject({
      code: 'outbound.blocked',
    });
  });

  test('the next address is asked when one takes no connection', async () => {
    await using server = await serve((_, response) => response.end('here'));
    const { get } = clientFor([`api.example:${server.port}`], {
      resolver: async () => ['127.0.0.9', '127.0.0.1'],
    });
    expect(await textOf((await get(`http://api.example:${server.port}/`)).body)).toBe('here');
  });

  test.each([
    ['is not found', 'ENOTFOUND', 'nameNotFound'],
    ['cannot be looked up', 'EAI_AGAIN', 'nameNotFound'],
  ])('that %s', async (_, code, reason) => {
    const resolver = async () => {
      throw Object.assign(new Error('inner words'), { code });
    };
    const fault = await faultOf(clientFor([], { resolver }).get('http://nowhere.example/x?token=1'));
    expect(fault).toMatchObject({ code: 'outbound.unreachable', reason, host: 'nowhere.example:80' });
    expect(fault.message).not.toMatch(/inner words|token/);
  });

  test('that takes for ever is given up', async () => {
    const { get } = clientFor([], { resolver: () => new Promise(() => undefined), connectMs: 20 });
    expect(await faultOf(get('http://slow.example/'))).toMatchObject({
      code: 'outbound.timeout',
      limit: 'OUTBOUND_CONNECT_SECONDS',
    });
  });
});

describe('TLS', () => {
  let files: Awaited<ReturnType<typeof tempFolder>>;
  let [key, cert, ca] = ['', '', ''];
  beforeAll(async () => {
    files = await tempFolder('outbound-tls-');
    const made = makeCertificates(files.path);
    key = readFileSync(made.key, 'utf8');
    cert = readFileSync(made.certificate, 'utf8');
    ca = readFileSync(made.authority, 'utf8');
  });
  afterAll(() => files.remove());

  test.each<[what: string, name: string, trusted: boolean, says: string]>([
    ['a certificate for the name', 'localhost', true, 'hello'],
    ['a certificate for another name', 'api.example', true, 'for another name'],
    ['a certificate for the address', '127.0.0.1', true, 'hello'],
    ['an authority that nobody knows', 'localhost', false, 'no trusted authority'],
  ])('%s', async (_, name, trusted, says) => {
    await using server = await serveTls(key, cert, (__, response) => response.end('hello'));
    const { get } = clientFor([`${name}:${server.port}`], trusted ? { ca: [ca] } : {});
    const url = `https://${name}:${server.port}/`;
    if (says === 'hello') expect(await textOf((await get(url)).body)).toBe(says);
    else {
      const fault = await faultOf(get(url));
      expect(fault.code).toBe('outbound.tls');
      expect(fault.message).toContain(says);
    }
  });

  test('a server without TLS', async () => {
    await using server = await serve((_, response) => response.end());
    expect(await faultOf(clientFor(LOOPBACK).get(`https://127.0.0.1:${server.port}/`))).toMatchObject({
      code: expect.stringMatching(/outbound\.(tls|unreachable)/),
    });
  });

  test('a redirect that gives up encryption is not followed', async () => {
    await using server = await serveTls(key, cert, (_, response) =>
      response.writeHead(302, { location: `http://localhost:${server.port}/` }).end(),
    );
    const { get } = clientFor([`localhost:${server.port}`], { ca: [ca] });
    expect(await faultOf(get(`https://localhost:${server.port}/`, { maxRedirects: 3 }))).toMatchObject({
      code: 'outbound.redirect',
    });
  });
});

describe('a redirect', () => {
  test('is an answer by default', async () => {
    await using server = await serve((_, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    );
    const answer = await clientFor(LOOPBACK).get(server.url);
    expect(answer.status).toBe(302);
    await answer.discard();
  });

  test.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:169.254.169.254]/',
    'http://10.0.0.1/',
    'http://2852039166/',
    'http://rebinds.example/',
  ])('to %s is checked like a first call', async (location) => {
    await using server = await serve((_, response) => response.writeHead(302, { location }).end('secret'));
    const { get } = clientFor(LOOPBACK, { resolver: async () => ['169.254.169.254'] });
    const fault = await faultOf(get(server.url, { maxRedirects: 3 }));
    expect(fault).toMatchObject({ code: 'outbound.blocked' });
    expect(fault.message).not.toContain('secret');
  });

  test.each(['file:///etc/passwd', 'gopher://127.0.0.1/', 'http://u:p@127.0.0.1/'])(
    'to %s is refused',
    async (location) => {
      await using server = await serve((_, response) => response.writeHead(302, { location }).end());
      expect((await faultOf(clientFor(LOOPBACK).get(server.url, { maxRedirects: 3 }))).code).toBe(
        'request.invalid',
      );
    },
  );

  test('keeps headers on the same origin and drops them elsewhere', async () => {
    const seen: Record<string, unknown>[] = [];
    await using other = await serve((request, response) => {
      seen.push(request.headers);
      response.end('there');
    });
    await using server = await serve((request, response) => {
      seen.push(request.headers);
      const location = request.url === '/' ? '/next' : other.url;
      response.writeHead(307, { location }).end();
    });
    const headers = { authorization: 'Bearer k', 'x-api-key': 'k', cookie: 'k', accept: 'text/csv' };
    const answer = await clientFor(LOOPBACK).get(server.url, { headers, maxRedirects: 3 });
    expect(await textOf(answer.body)).toBe('there');
    expect(answer.url).toBe(`${other.url}/`);
    expect(seen[1]).toMatchObject(headers);
    expect(seen[2]).toMatchObject({ accept: 'text/csv' });
    expect(JSON.stringify(seen[2])).not.toMatch(/authorization|x-api-key|cookie/);
  });

  test('of a POST becomes a GET without a body; one that would carry the body elsewhere is refused', async () => {
    const seen: string[] = [];
    await using other = await serve((_, response) => response.end());
    await using server = await serve((request, response, body) => {
      seen.push(`${request.method} ${request.url} ${body}`);
      if (request.url === '/303') response.writeHead(303, { location: '/end' }).end();
      else if (request.url === '/307') response.writeHead(307, { location: other.url }).end();
      else response.end('done');
    });
    const { get } = clientFor(LOOPBACK);
    const post = { method: 'POST', body: 'secret', maxRedirects: 3 };
    expect(await textOf((await get(`${server.url}/303`, post)).body)).toBe('done');
    expect(seen).toEqual(['POST /303 secret', 'GET /end ']);
    expect(await faultOf(get(`${server.url}/307`, post))).toMatchObject({ code: 'outbound.redirect' });
  });

  test('without end is given up', async () => {
    await using server = await serve((_, response) => response.writeHead(302, { location: '/' }).end());
    expect(await faultOf(clientFor(LOOPBACK).get(server.url, { maxRedirects: 3 }))).toMatchObject({
      code: 'outbound.redirect',
      message: expect.stringContaining('more than 3 times'),
    });
  });
});

describe('limits', () => {
  test('a giant body is refused by its announced length, and by what comes', async () => {
    await using announced = await serveRaw((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx'),
    );
    await using unannounced = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      const pump = () => {
        while (!socket.destroyed && socket.write(`10000\r\n${'secret'.padEnd(65_536, 'x')}\r\n`));
      };
      socket.on('drain', pump);
      pump();
    });
    const { get, metrics } = clientFor(LOOPBACK, { maxBytes: 100_000 });
    for (const { url } of [announced, unannounced]) {
      const fault = await faultOf(get(url).then(({ body }) => textOf(body)));
      expect(fault).toMatchObject({ code: 'outbound.tooLarge', limit: 'OUTBOUND_MAX_BYTES' });
      expect(fault.message).not.toContain('secret');
    }
    expect(await metrics.registry.metrics()).toContain('limits_hit_total{limit="OUTBOUND_MAX_BYTES"} 2');
  });

  test('a gzip bomb counts as what it expands to, and is not expanded further', async () => {
    const bomb = gzipSync(Buffer.alloc(64 << 20));
    expect(bomb.length).toBeLessThan(100_000);
    await using server = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );
    let taken = 0;
    const answer = await clientFor(LOOPBACK, { maxBytes: 1_000_000 }).get(server.url);
    const read = async () => {
      for await (const chunk of answer.body) taken += chunk.length;
    };
    expect(await faultOf(read())).toMatchObject({ code: 'outbound.tooLarge' });
    expect(taken).toBeLessThanOrEqual(1_000_000);
  });

  test('a slow drip ends at the time in all', async () => {
    await using server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      const timer = setInterval(() => socket.write('1\r\nx\r\n'), 10);
      socket.on('close', () => clearInterval(timer));
    });
    const { get } = clientFor(LOOPBACK, { timeoutMs: 150, idleMs: 5000 });
    expect(await faultOf(get(server.url).then(({ body }) => textOf(body)))).toMatchObject({
      code: 'outbound.timeout',
      limit: 'OUTBOUND_TIMEOUT_SECONDS',
    });
  });

  test.each([
    ['before the head', ''],
    ['in the middle of the body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
  ])('silence %s', async (_, sent) => {
    await using server = await serveRaw((socket) => socket.write(sent));
    const { get } = clientFor(LOOPBACK, { idleMs: 40 });
    expect(await faultOf(get(server.url).then(({ body }) => textOf(body)))).toMatchObject({
      code: 'outbound.timeout',
      limit: 'OUTBOUND_IDLE_SECONDS',
    });
  });

  test('a request may let the server be silent for longer', async () => {
    await using server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf');
      setTimeout(() => socket.end(' two'), 120);
    });
    const { get } = clientFor(LOOPBACK, { idleMs: 40 });
    const { body } = await get(server.url, { idleMs: 10_000 });
    expect(await textOf(body)).toBe('half two');
  });

  test('a reader that takes its time is not idle, and holds the server back', async () => {
    let sent = 0;
    await using server = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      const pump = () => {
        for (let more = true; more && sent < 64 << 20; sent += 65_536)
          more = socket.write(`10000\r\n${'x'.repeat(65_536)}\r\n`);
        if (sent >= 64 << 20) socket.end('0\r\n\r\n');
      };
      socket.on('drain', pump);
      pump();
    });
    const { get } = clientFor(LOOPBACK, { idleMs: 300, maxBytes: 1 << 30 });
    const { body } = await get(server.url);
    let bytes = (await body.next()).value!.length;
    await Bun.sleep(400); // longer than the server may be silent
    expect(sent).toBeLessThan(32 << 20);
    for await (const chunk of body) bytes += chunk.length;
    expect(bytes).toBe(64 << 20);
  });
});

describe('failures', () => {
  test.each<[what: string, bytes: string, expected: object]>([
    ['garbage', 'garbage\r\n\r\n', { code: 'outbound.answer' }],
    ['nothing', '', { code: 'outbound.unreachable', reason: 'lost' }],
    [
      'half a body',
      'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nsecret',
      { code: 'outbound.answer', reason: 'cutOff' },
    ],
    [
      'half a chunked body',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsecret\r\n',
      { code: 'outbound.answer', reason: 'cutOff' },
    ],
    [
      'an unknown encoding',
      'HTTP/1.1 200 OK\r\nContent-Encoding: zstd-x\r\nContent-Length: 1\r\n\r\nx',
      { code: 'outbound.answer', reason: 'encoding' },
    ],
    [
      'gzip that is none',
      'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\nsecret',
      { code: 'outbound.answer' },
    ],
    ['too large a head', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, { code: 'outbound.answer' }],
  ])('%s', async (_, bytes, expected) => {
    await using server = await serveRaw((socket) => socket.end(bytes));
    const fault = await faultOf(
      clientFor(LOOPBACK)
        .get(server.url)
        .then(({ body }) => textOf(body)),
    );
    expect(fault).toMatchObject(expected);
    expect(fault.message).not.toContain('secret');
  });

  test('half of a gzip stream', async () => {
    const whole = gzipSync(Buffer.from('secret'.repeat(10_000)));
    await using server = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(whole.subarray(0, 60)),
    );
    const fault = await faultOf(
      clientFor(LOOPBACK)
        .get(server.url)
        .then(({ body }) => textOf(body)),
    );
    expect(fault).toMatchObject({ code: 'outbound.answer', reason: 'cutOff' });
  });

  test('a port where nothing listens', async () => {
    const { port } = await (async () => {
      await using server = await serve(() => undefined);
      return server;
    })();
    expect(await faultOf(clientFor(LOOPBACK).get(`http://127.0.0.1:${port}/`))).toMatchObject({
      code: 'outbound.unreachable',
      reason: 'refused',
    });
  });

  test.each(['before the head', 'in the body'])('an abort %s gives its reason', async (when) => {
    await using server = await serveRaw((socket) => {
      if (when === 'in the body') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    });
    const work = clientFor(LOOPBACK)
      .get(server.url, { signal: signal(30) })
      .then(({ body }) => textOf(body));
    await expect(work).rejects.toThrow(/timed out/);
  });

  test('a header that would break the request is refused', async () => {
    const fault = await faultOf(
      clientFor(LOOPBACK).get('http://127.0.0.1/', { headers: { 'x-a': 'a\r\nb: c' } }),
    );
    expect(fault.code).toBe('request.invalid');
  });
});
