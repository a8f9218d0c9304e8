import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { LONG_TEXT, type Started, sendRaw, start, VIEWER } from './core-kit.ts';

let server: Started;
beforeAll(async () => {
  server = await start({ IDENT: 'our-ident' });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(server.url + path, { method, headers: { ...VIEWER, ...headers }, decompress: false });

describe('compression', () => {
  const DECODE: Record<string, (bytes: Uint8Array) => Uint8Array> = {
    gzip: (bytes) => gunzipSync(bytes),
    zstd: (bytes) => zstdDecompressSync(bytes),
  };
  const CASES = ['gzip', 'zstd'].flatMap((encoding) =>
    ['/api/probe/tagged', '/api/probe/text', '/api/probe/long'].map((path) => [encoding, path] as const),
  );

  test.each(CASES)('%s of %s gives back what was sent', async (encoding, path) => {
    const response = await get(path, { 'accept-encoding': encoding });
    const packed = await response.bytes();
    const text = new TextDecoder().decode(DECODE[encoding]!(packed));
    expect(text).toContain(LONG_TEXT);
    expect(packed.length).toBeLessThan(LONG_TEXT.length / 4);
    expect(response.headers.get('content-encoding')).toBe(encoding);
    expect(response.headers.get('vary')).toContain('Accept-Encoding');
  });

  test.each([
    ['/api/probe/short', 'gzip'],
    ['/api/probe/picture', 'gzip'],
    ['/api/probe/long', 'identity'],
    ['/api/probe/long', 'gzip;q=0'],
  ])('%s with %s stays plain', async (path, encoding) => {
    const response = await get(path, { 'accept-encoding': encoding });
    await response.bytes();
    expect(response.headers.has('content-encoding')).toBe(false);
  });

  test.each(['gzip', 'zstd', 'identity'])('rows flow while the rest is still made (%s)', async (encoding) => {
    await using streaming = await start();
    const response = await fetch(`${streaming.url}/api/probe/rows`, {
      headers: { ...VIEWER, 'accept-encoding': encoding },
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe('first\n');
    expect(streaming.inFlight()).toBe(1);
    streaming.openGate();
    expect((await reader.read()).value).toBe('last\n');
    expect((await reader.read()).done).toBe(true);
    expect(streaming.inFlight()).toBe(0);
  });

  test('the tag of a compressed answer is weak, and still answers 304', async () => {
    const packed = await get('/api/probe/tagged', { 'accept-encoding': 'gzip' });
    await packed.bytes();
    expect(packed.headers.get('etag')).toBe('W/"v1"');
    for (const tag of ['W/"v1"', '"v1"', '"x", "v1"', '*']) {
      const again = await get('/api/probe/tagged', { 'accept-encoding': 'gzip', 'if-none-match': tag });
      expect((await again.bytes()).length).toBe(0);
      expect(again.status).toBe(304);
      expect(again.headers.get('etag')).toBe('"v1"');
    }
    expect((await get('/api/probe/tagged', { 'if-none-match': '"v2"' })).status).toBe(200);
  });
});

describe('HEAD', () => {
  test.each(['/api/healthz', '/api/probe/long', '/api/probe/tagged', '/api/probe/nothing-here'])(
    '%s has the headers of GET and no body',
    async (path) => {
      const [head, whole] = [await get(path, {}, 'HEAD'), await get(path, { 'accept-encoding': 'identity' })];
      expect((await head.bytes()).length).toBe(0);
      expect(head.status).toBe(whole.status);
      expect(head.headers.get('content-type')).toBe(whole.headers.get('content-type'));
      expect(head.headers.get('content-length')).toBe(whole.headers.get('content-length'));
      await whole.bytes();
    },
  );
});

describe('headers of every answer', () => {
  test.each(['/api/healthz', '/api/nothing', '/api/probe/fail/error', '/api/docs', '/'])(
    '%s',
    async (path) => {
      const { headers } = await get(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'/);
      expect(headers.get('content-security-policy')).not.toMatch(/script-src[^;]*(?:unsafe|\*|http)/);
      expect(headers.get('cache-control')).toMatch(/private, no-cache|no-store/);
      expect(headers.get('server')).toBe('our-ident');
      expect(headers.get('x-request-id')).toMatch(/^req_/);
      expect(headers.has('strict-transport-security')).toBe(false);
    },
  );

  test('HTTPS behind a trusted proxy is kept to', async () => {
    const { headers } = await get('/api/healthz', { 'x-forwarded-proto': 'https' });
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
  });

  test('status, headers and cookies that a handler sets arrive', async () => {
    const made = await get('/api/probe/made', {}, 'POST');
    expect(await made.json()).toEqual({ id: 'x' });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe('/api/probe/any/x');
    expect(made.headers.get('set-cookie')).toMatch(/^sid=v; .*HttpOnly/);
    const gone = await get('/api/probe/gone', {}, 'DELETE');
    expect(await gone.text()).toBe('');
    expect(gone.status).toBe(204);
  });
});

describe('the client as it really is', () => {
  test('behind a trusted proxy', async () => {
    const response = await get('/api/probe/whence', {
      'x-forwarded-for': '10.9.9.9, 203.0.113.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'reports.example',
    });
    expect(await response.json()).toMatchObject({
      address: '203.0.113.9',
      scheme: 'https',
      host: 'reports.example',
    });
  });

  test('when the peer is no trusted proxy', async () => {
    await using strict = await start({ FORWARDED_ALLOW_IPS: '192.0.2.0/24' });
    const response = await fetch(`${strict.url}/api/probe/whence`, {
      headers: { ...VIEWER, 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' },
    });
    expect(await response.json()).toMatchObject({ address: '127.0.0.1', scheme: 'http' });
  });

  test('under a host name of one letter', async () => {
    const answer = await sendRaw(
      server.port,
      'GET /api/probe/whence HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer viewer\r\n\r\n',
    );
    expect(answer).toContain('"host":"x"');
  });
});

describe('the access log', () => {
  test('has one line a request, quiet for health', async () => {
    const line = (id: string) =>
      server.logged.filter(({ event, requestId }) => event === 'http.request' && requestId === id);
    await (await get('/api/probe/any/secret-name?token=hush', { 'x-request-id': 'seen-1' })).text();
    await (await get('/api/healthz', { 'x-request-id': 'seen-2' })).text();
    expect(line('seen-1')).toHaveLength(1);
    expect(line('seen-1')[0]).toMatchObject({
      level: 'info',
      method: 'GET',
      route: '/api/probe/any/:name',
      status: 200,
      address: '127.0.0.1',
      userId: 'usr_viewer',
    });
    expect(JSON.stringify(line('seen-1'))).not.toMatch(/hush|secret-name/);
    expect(line('seen-2')).toMatchObject([{ level: 'debug' }]);
  });
});
