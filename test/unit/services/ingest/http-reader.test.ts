import { describe, expect, test } from 'bun:test';
import type { HttpPaging, HttpSource } from '../../../../src/domain/http-source.ts';
import { HttpReader } from '../../../../src/services/ingest/http-reader.ts';
import { linkTo } from '../../../../src/services/ingest/link-header.ts';
import { faultOf, serve, serveRaw } from '../../outbound/kit.ts';
import { lines, NOW, openKit } from './kit.ts';

const ROWS = Array.from({ length: 7 }, (_, i) => ({ id: i + 1, name: `n${i + 1}` }));
const json = (value: unknown) => JSON.stringify(value);

describe('a request', () => {
  test('is filled with dates, and its answer read', async () => {
    await using kit = await openKit();
    const seen: string[] = [];
    await using server = await serve((request, response, body) => {
      seen.push(
        `${request.method} ${request.url} ${request.headers['x-since']} ${request.headers['content-type']} ${body}`,
      );
      response.end(json({ data: [{ a: 1, b: { c: 2 } }] }));
    });
    const read = await kit.read(
      {
        request: {
          method: 'POST',
          url: `${server.url}/v1/{{today | compact}}/x?fixed=1`,
          headers: { 'X-Since': '{{from - 1h}}' },
          query: { from: '{{from|unix}}', to: '{{to | date}}', tag: ['a', 'b&c'] },
          body: { json: { since: '{{from|unixMs}}', text: 'up to {{now|dateTime}}', n: [1, null] } },
        },
        root: '/data',
      },
      {
        values: { nowMs: NOW, timezone: 'Europe/Rome', from: '2026-03-01T00:00:00Z', to: null, cursor: null },
      },
    );
    expect(read).toEqual({ text: '{"a":1,"b.c":2}\n', mark: undefined, format: 'ndjson' });
    expect(seen).toEqual([
      'POST /v1/20260310/x?fixed=1&from=1772323200&to=2026-03-10&tag=a&tag=b%26c 2026-02-28T23:00:00Z application/json {"since":1772323200000,"text":"up to 2026-03-10 13:00:00","n":[1,null]}',
    ]);
  });

  test('form and text bodies', async () => {
    await using kit = await openKit();
    const seen: string[] = [];
    await using server = await serve((request, response, body) => {
      seen.push(`${request.headers['content-type']} ${body}`);
      response.end('[]');
    });
    const url = server.url;
    await kit.read({ request: { method: 'POST', url, body: { form: { a: 'x y', d: '{{today}}' } } } });
    await kit.read({
      request: { method: 'POST', url, body: { text: '<q>{{today}}</q>', contentType: 'text/xml' } },
    });
    expect(seen).toEqual([
      'application/x-www-form-urlencoded a=x+y&d=2026-03-10',
      'text/xml <q>2026-03-10</q>',
    ]);
  });

  test.each<[what: string, spec: Partial<HttpSource>, pointer: string]>([
    ['a placeholder that is unknown', { request: { url: 'http://h/{{yesterday}}' } }, '/source/request/url'],
    ['a placeholder in the host', { request: { url: 'http://{{cursor}}/x' } }, '/source/request/url'],
    ['a password in the URL', { request: { url: 'http://u:p@h/' } }, '/source/request/url'],
    ['a host that is none', { request: { url: 'http://a b/' } }, '/source/request/url'],
    [
      'a token from nowhere',
      {
        request: { url: 'http://h/' },
        auth: {
          type: 'oauth2ClientCredentials',
          tokenUrl: 'x',
          clientId: 'a',
          clientSecret: { secret: 'b' },
        },
      },
      '/source/auth/tokenUrl',
    ],
    ['another scheme', { request: { url: 'file:///etc/passwd' } }, '/source/request/url'],
    ['an open brace', { request: { url: 'http://h/', query: { a: '{{now' } } }, '/source/request/query/a'],
    [
      'an unknown format',
      { request: { url: 'http://h/', query: { a: '{{now|x}}' } } },
      '/source/request/query/a',
    ],
    [
      'an unknown unit',
      { request: { url: 'http://h/', query: { a: '{{now - 1q}}' } } },
      '/source/request/query/a',
    ],
    [
      'a header of the connection',
      { request: { url: 'http://h/', headers: { Host: 'x' } } },
      '/source/request/headers/Host',
    ],
    [
      'credentials in a header',
      { request: { url: 'http://h/', headers: { Authorization: 'x' } } },
      '/source/request/headers/Authorization',
    ],
    ['a body with GET', { request: { url: 'http://h/', body: { json: {} } } }, '/source/request/body'],
    ['a root that is no path', { request: { url: 'http://h/' }, root: 'data' }, '/source/root'],
    ['a root in CSV', { request: { url: 'http://h/' }, root: '/d', format: 'csv' }, '/source/root'],
    [
      'pages of Parquet',
      { request: { url: 'http://h/' }, format: 'parquet', paging: { type: 'link' } },
      '/source/paging',
    ],
    [
      'paging in a body that is not there',
      { request: { url: 'http://h/' }, paging: { type: 'page', parameter: 'p', in: 'body' } },
      '/source/paging/in',
    ],
    ['no time zone', { request: { url: 'http://h/' }, timezone: 'Mars' }, '/source/timezone'],
  ])('%s is refused at once', async (_, spec, pointer) => {
    await using kit = await openKit();
    expect(() => new HttpReader({ kind: 'http', ...spec } as HttpSource, kit.deps)).toThrow(
      expect.objectContaining({ code: 'request.invalid', pointer }),
    );
  });
});

describe('authentication', () => {
  const secrets = { key: 's3cret/+=', pw: 'pä:ss', client: 'cl&ent' };
  test.each<[what: string, auth: NonNullable<HttpSource['auth']>, seen: object]>([
    ['bearer', { type: 'bearer', token: { secret: 'key' } }, { authorization: 'Bearer s3cret/+=' }],
    [
      'header',
      { type: 'header', name: 'X-Api-Key', value: { secret: 'key' }, prefix: 'Token ' },
      { 'x-api-key': 'Token s3cret/+=' },
    ],
    ['query', { type: 'query', name: 'key', value: { secret: 'key' } }, { url: '/?a=1&key=s3cret%2F%2B%3D' }],
    [
      'basic',
      { type: 'basic', user: 'me', password: { secret: 'pw' } },
      { authorization: `Basic ${Buffer.from('me:pä:ss').toString('base64')}` },
    ],
  ])('%s', async (_, auth, expected) => {
    await using kit = await openKit(secrets);
    const seen: object[] = [];
    await using server = await serve((request, response) => {
      seen.push({ url: request.url, ...request.headers });
      response.end('[{"a":1}]');
    });
    expect(lines((await kit.read({ request: { url: `${server.url}/?a=1` }, auth }))?.text)).toEqual([
      { a: 1 },
    ]);
    expect(seen[0]).toMatchObject(expected);
  });

  async function tokens(answer: (asked: number) => [status: number, body: string]) {
    const asked: { authorization: string | undefined; body: string }[] = [];
    const server = await serve((request, response, body) => {
      if (request.url !== '/token') {
        const good = request.headers.authorization === `Bearer t${asked.length}`;
        return response.writeHead(good ? 200 : 401).end(good ? '[{"a":1}]' : 'secret words');
      }
      asked.push({ authorization: request.headers.authorization, body });
      const [status, text] = answer(asked.length);
      return response.writeHead(status).end(text);
    });
    return { asked, server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  }
  const oauth = (url: string, more: object = {}): NonNullable<HttpSource['auth']> => ({
    ...{
      type: 'oauth2ClientCredentials',
      tokenUrl: `${url}/token`,
      clientId: 'me',
      clientSecret: { secret: 'client' },
    },
    ...more,
  });

  test('OAuth 2: the token is asked for once, and again when it is about to expire', async () => {
    await using kit = await openKit(secrets);
    await using to = await tokens((n) => [200, json({ access_token: `t${n}`, expires_in: 100 })]);
    const spec = { request: { url: to.server.url }, auth: oauth(to.server.url, { scope: 'a b' }) };
    await kit.read(spec);
    await kit.read(spec);
    expect(to.asked).toEqual([
      {
        authorization: `Basic ${Buffer.from('me:cl%26ent').toString('base64')}`,
        body: 'grant_type=client_credentials&scope=a+b',
      },
    ]);
    kit.clock.at += 91_000;
    await kit.read(spec);
    expect(to.asked).toHaveLength(2);
  });

  test('OAuth 2: credentials in the body, and a new secret is a new token', async () => {
    await using kit = await openKit({ ...secrets });
    await using to = await tokens((n) => [200, json({ access_token: `t${n}` })]);
    const spec = { request: { url: to.server.url }, auth: oauth(to.server.url, { credentialsIn: 'body' }) };
    await kit.read(spec);
    kit.secrets.client = 'other';
    await kit.read(spec);
    expect(to.asked.map(({ body }) => new URLSearchParams(body).get('client_secret'))).toEqual([
      'cl&ent',
      'other',
    ]);
  });

  test('OAuth 2: a token that is refused is renewed once', async () => {
    await using kit = await openKit(secrets);
    await using to = await tokens((n) => [200, json({ access_token: n === 1 ? 'revoked' : `t${n}` })]);
    const spec = { request: { url: to.server.url }, auth: oauth(to.server.url) };
    expect((await kit.read(spec))?.text).toBe('{"a":1}\n');
    expect(to.asked).toHaveLength(2);
    await using never = await tokens(() => [200, json({ access_token: 'bad' })]);
    const fault = await faultOf(
      kit.read({ request: { url: never.server.url }, auth: oauth(never.server.url) }),
    );
    expect(fault).toMatchObject({ code: 'source.auth', sourceStatus: 401, page: 1 });
    expect(never.asked).toHaveLength(2);
    expect(json(fault)).not.toContain('secret words');
  });

  test('OAuth 2: the abort of one run ends no other that waits for the same token', async () => {
    await using kit = await openKit(secrets);
    const isAsked = Promise.withResolvers<void>();
    const mayAnswer = Promise.withResolvers<void>();
    await using server = await serve(async (request, response) => {
      if (request.url !== '/token') return response.end('[{"a":1}]');
      isAsked.resolve();
      await mayAnswer.promise;
      return response.end('{"access_token":"t"}');
    });
    const spec = { request: { url: server.url }, auth: oauth(server.url) };
    const controller = new AbortController();
    const first = kit.read(spec, { signal: controller.signal });
    first.catch(() => undefined);
    await isAsked.promise;
    const second = kit.read(spec);
    controller.abort(new Error('stopped'));
    await expect(first).rejects.toThrow('stopped');
    mayAnswer.resolve();
    expect((await second)?.text).toBe('{"a":1}\n');
  });

  test('OAuth 2: a token is asked for again where the server is busy, and as late as it says', async () => {
    await using kit = await openKit(secrets);
    let asked = 0;
    await using server = await serve((request, response) => {
      if (request.url !== '/token') return response.end('[{"a":1}]');
      if (++asked === 1) return response.writeHead(429, { 'retry-after': '7' }).end();
      return asked === 2 ? response.writeHead(503).end() : response.end('{"access_token":"t"}');
    });
    expect((await kit.read({ request: { url: server.url }, auth: oauth(server.url) }))?.text).toBe(
      '{"a":1}\n',
    );
    expect(kit.slept).toEqual([7000, 750]);
  });

  test.each<[what: string, status: number, body: string]>([
    ['refuses', 401, '{"error":"invalid_client","error_description":"cl&ent"}'],
    ['gives no JSON', 200, 'cl&ent'],
    ['gives no token', 200, '{"token":"cl&ent"}'],
    ['gives a token that breaks the header', 200, '{"access_token":"a\\r\\nx: cl&ent"}'],
  ])('OAuth 2: a server that %s', async (_, status, body) => {
    await using kit = await openKit(secrets);
    await using to = await tokens(() => [status, body]);
    const fault = await faultOf(kit.read({ request: { url: to.server.url }, auth: oauth(to.server.url) }));
    expect(fault.code).toBe('source.auth');
    expect(json(fault)).not.toContain('cl&ent');
  });

  test('a secret that is not there', async () => {
    await using kit = await openKit();
    const auth = { type: 'bearer', token: { secret: 'none' } } as const;
    expect(await faultOf(kit.read({ request: { url: 'http://127.0.0.1/' }, auth }))).toMatchObject({
      code: 'secret.missing',
    });
  });

  test.each([401, 403])('status %p is told without the body', async (status) => {
    await using kit = await openKit(secrets);
    await using server = await serve((_, response) => response.writeHead(status).end('secret words'));
    const fault = await faultOf(kit.read({ request: { url: server.url } }));
    expect(fault).toMatchObject({ code: 'source.auth', sourceStatus: status });
    expect(json(fault)).not.toContain('secret words');
  });
});

/** A server of the seven rows, a few at a time, by each kind of paging. */
function paged(size: number) {
  const asked: string[] = [];
  return {
    asked,
    handler: (
      request: { url?: string; headers: object },
      response: { setHeader(n: string, v: string): void; end(t: string): unknown },
      body: string,
    ) => {
      const url = new URL(request.url!, 'http://h');
      const fields = { ...Object.fromEntries(url.searchParams), ...(body === '' ? {} : JSON.parse(body)) };
      asked.push(url.search + body);
      const start = Number(
        fields.page ? (fields.page - 1) * size : (fields.offset ?? fields.after ?? fields.token ?? 0),
      );
      const rows = ROWS.slice(start, start + size);
      const more = start + size < ROWS.length;
      const self = `http://${(request.headers as { host: string }).host}`;
      if (more)
        response.setHeader(
          'link',
          `<${self}/?token=0>; rel="first", </?token=${start + size}>; rel="next last"`,
        );
      return response.end(
        json({
          rows,
          next: more ? String(start + size) : null,
          nextUrl: more ? `/?token=${start + size}` : '',
          more,
          at: asked.length,
        }),
      );
    },
  };
}

describe('pages', () => {
  const asNumbers: [string, HttpPaging, number][] = [
    ['page', { type: 'page', parameter: 'page' }, 4],
    ['page with its size', { type: 'page', parameter: 'page', size: { parameter: 'size', value: 1000 } }, 4],
    ['offset', { type: 'offset', parameter: 'offset', size: { parameter: 'limit', value: 3 } }, 4],
    [
      'offset past a server that gives fewer',
      { type: 'offset', parameter: 'offset', size: { parameter: 'limit', value: 1000 } },
      4,
    ],
    ['cursor', { type: 'cursor', path: '/next', parameter: 'token' }, 3],
    ['cursor as a URL', { type: 'cursor', path: '$.nextUrl' }, 3],
    [
      'cursor of the last row',
      { type: 'cursor', path: '/id', from: 'lastRow', parameter: 'after', hasMore: '/more' },
      3,
    ],
    ['link', { type: 'link' }, 3],
  ];
  test.each(asNumbers)('by %s: every row once', async (_, paging, calls) => {
    await using kit = await openKit();
    const { asked, handler } = paged(3);
    await using server = await serve(handler as never);
    const read = await kit.read({ request: { url: server.url }, root: '/rows', paging });
    expect(lines(read?.text)).toEqual(ROWS);
    expect(asked).toHaveLength(calls);
  });

  test('in the body', async () => {
    await using kit = await openKit();
    const { asked, handler } = paged(3);
    await using server = await serve(handler as never);
    const read = await kit.read({
      request: { method: 'POST', url: server.url, body: { json: { q: 1 } } },
      root: '/rows',
      paging: { type: 'offset', parameter: 'offset', in: 'body' },
    });
    expect(lines(read?.text)).toEqual(ROWS);
    expect(asked[1]).toBe('{"q":1,"offset":3}');
  });

  test('a status may end them', async () => {
    await using kit = await openKit();
    await using server = await serve((request, response) =>
      request.url === '/?p=1' ? response.end('[{"a":1}]') : response.writeHead(404).end('no such page'),
    );
    const paging: HttpPaging = { type: 'page', parameter: 'p', endStatuses: [404] };
    expect((await kit.read({ request: { url: server.url }, paging }))?.text).toBe('{"a":1}\n');
    expect(
      await faultOf(kit.read({ request: { url: server.url }, paging: { type: 'page', parameter: 'p' } })),
    ).toMatchObject({ code: 'source.http', sourceStatus: 404, page: 2 });
  });

  test('no rows at all give no file', async () => {
    await using kit = await openKit();
    await using server = await serve((request, response) =>
      request.url === '/204' ? response.writeHead(204).end() : response.end('{"rows":[]}'),
    );
    expect(
      await kit.read({
        request: { url: server.url },
        root: '/rows',
        paging: { type: 'page', parameter: 'p' },
      }),
    ).toBeUndefined();
    expect(await kit.read({ request: { url: `${server.url}/204` } })).toBeUndefined();
  });

  const endless: [
    what: string,
    paging: HttpPaging,
    answer: (n: number) => object,
    link: string,
    says: RegExp,
  ][] = [
    [
      'the parameter is ignored',
      { type: 'page', parameter: 'p' },
      () => ({ rows: [{ a: 1 }] }),
      '',
      /rows of page 1/,
    ],
    [
      'pages come round again',
      { type: 'offset', parameter: 'o' },
      (n) => ({ rows: [{ a: n % 3 }] }),
      '',
      /rows of page 1/,
    ],
    [
      'the cursor stays',
      { type: 'cursor', path: '/next', parameter: 'c' },
      (n) => ({ rows: [{ a: n }], next: 'x' }),
      '',
      /cursor of page 1/,
    ],
    [
      'cursors go round',
      { type: 'cursor', path: '/next', parameter: 'c' },
      (n) => ({ rows: [], next: n % 5 }),
      '',
      /cursor of page 1/,
    ],
    ['a link to itself', { type: 'link' }, (n) => ({ rows: [{ a: n }] }), '</>; rel=next', /link of page/],
    [
      'for ever new pages',
      { type: 'page', parameter: 'p' },
      (n) => ({ rows: [{ a: n }] }),
      '',
      /more than 50 pages/,
    ],
    [
      'more than the source allows',
      { type: 'page', parameter: 'p', maxPages: 3 },
      (n) => ({ rows: [{ a: n }] }),
      '',
      /more than 3 pages/,
    ],
    [
      'a link to another host',
      { type: 'link' },
      () => ({ rows: [] }),
      '<http://127.0.0.1:1/x>; rel=next',
      /another host/,
    ],
    [
      'a cursor URL to another host',
      { type: 'cursor', path: '/next' },
      () => ({ rows: [], next: 'http://169.254.169.254/' }),
      '',
      /another host/,
    ],
  ];
  test.each(endless)('without end are noticed: %s', async (_, paging, answer, link, says) => {
    await using kit = await openKit();
    let calls = 0;
    await using server = await serve((__, response) => {
      if (link !== '') response.setHeader('link', link);
      response.end(json(answer(++calls)));
    });
    const fault = await faultOf(kit.read({ request: { url: `${server.url}/` }, root: '/rows', paging }));
    expect(fault).toMatchObject({ code: 'source.paging', message: expect.stringMatching(says) });
    expect(fault.page).toBeGreaterThan(0);
    expect(calls).toBeLessThanOrEqual(50);
  });

  test('a rate is kept to', async () => {
    await using kit = await openKit();
    const { handler } = paged(3);
    await using server = await serve(handler as never);
    await kit.read({
      request: { url: server.url },
      root: '/rows',
      paging: { type: 'link' },
      ratePerMinute: 30,
    });
    expect(kit.slept).toEqual([2000, 2000]);
  });

  test('what is remembered is the cursor of the next run', async () => {
    await using kit = await openKit();
    const { asked, handler } = paged(7);
    await using server = await serve(handler as never);
    const spec = {
      request: { url: server.url, query: { after: '{{cursor ?? 0}}' } },
      root: '/rows',
      remember: { path: '/id', from: 'lastRow' },
    } as const;
    expect((await kit.read(spec))?.mark).toBe('7');
    const values = { nowMs: NOW, timezone: 'UTC', from: null, to: null, cursor: '7' };
    expect(await kit.read(spec, { values, mark: '7' })).toBeUndefined();
    expect(asked).toEqual(['?after=0', '?after=7']);
  });
});

test.each<[header: string | undefined, rel: string, target: string | undefined]>([
  ['<https://h/?page=2>; rel="next", <https://h/?page=9>; rel="last"', 'next', 'https://h/?page=2'],
  ['<a,b>; title="x, y; rel=next"; rel=prev , <c>;rel=NEXT', 'next', 'c'],
  ['<a>; rel="last next"', 'next', 'a'],
  ['<a>; rel=next-archive', 'next', undefined],
  ['<a>; rel = "next"', 'next', 'a'],
  ['<a>', 'next', undefined],
  ['garbage', 'next', undefined],
  [undefined, 'next', undefined],
])('Link %p', (header, rel, target) => {
  expect(linkTo(header, rel)).toBe(target);
});

describe('formats', () => {
  test('NDJSON and CSV over pages, Parquet as it is', async () => {
    await using kit = await openKit();
    await using server = await serve((request, response) => {
      const { pathname, searchParams } = new URL(request.url!, 'http://h');
      const page = Number(searchParams.get('p') ?? 1);
      if (pathname === '/parquet') return response.end('PAR1…');
      if (page > 2) return response.end(pathname === '/csv' ? 'a,b\n' : '');
      return response.end(pathname === '/csv' ? `a,b\n${page},x\n` : `{"a":${page}}\n`);
    });
    const paging = { type: 'page', parameter: 'p' } as const;
    const at = (path: string) => ({ request: { url: `${server.url}/${path}` } });
    expect((await kit.read({ ...at('ndjson'), format: 'ndjson', paging }))?.text).toBe('{"a":1}\n{"a":2}\n');
    expect(await kit.read({ ...at('csv'), format: 'csv', paging })).toMatchObject({
      text: 'a,b\n1,x\n2,x\n',
      format: 'csv',
    });
    expect(await kit.read({ ...at('parquet'), format: 'parquet' })).toMatchObject({ text: 'PAR1…' });
  });

  test.each<[what: string, page: string, expected: object]>([
    ['broken JSON', '{"rows":[{"a":secret}]}', { code: 'source.format', page: 1, row: 1 }],
    ['an HTML page', '<html>secret</html>', { code: 'source.format', page: 1 }],
    ['half a document', '{"rows":[{"a":1}', { code: 'source.format', page: 1 }],
    ['no rows where they should be', '{"error":"secret"}', { code: 'source.format', root: '/rows' }],
  ])('%s', async (_, page, expected) => {
    await using kit = await openKit();
    await using server = await serve((__, response) => response.end(page));
    const fault = await faultOf(kit.read({ request: { url: server.url }, root: '/rows' }));
    expect(fault).toMatchObject(expected);
    expect(json(fault)).not.toContain('secret');
  });

  test('a later page that says something else than rows, with status 200, does not end them', async () => {
    await using kit = await openKit();
    await using server = await serve((request, response) =>
      response.end(request.url === '/?p=1' ? '{"rows":[{"a":1}]}' : '{"error":"too many requests"}'),
    );
    const paging = { type: 'page', parameter: 'p' } as const;
    const read = kit.read({ request: { url: server.url }, root: '/rows', paging });
    expect(await faultOf(read)).toMatchObject({ code: 'source.format', root: '/rows', page: 2 });
  });

  test('more than is allowed in all', async () => {
    await using kit = await openKit();
    let page = 0;
    await using server = await serve((_, response) =>
      response.end(json([{ a: 'x'.repeat(400_000), page: page++ }])),
    );
    expect(
      await faultOf(kit.read({ request: { url: server.url }, paging: { type: 'page', parameter: 'p' } })),
    ).toMatchObject({ code: 'source.paging', limit: 'UPLOAD_MAX_EXPANDED_BYTES', page: 3 });
  });
});

describe('retries', () => {
  test('double with jitter, and the rows come once', async () => {
    await using kit = await openKit();
    let calls = 0;
    await using server = await serve((_, response) =>
      ++calls < 4 ? response.writeHead(503).end('secret') : response.end('[{"a":1}]'),
    );
    expect((await kit.read({ request: { url: server.url } }))?.text).toBe('{"a":1}\n');
    expect(kit.slept).toEqual([375, 750, 1500]);
    expect(kit.logged.map(({ facts }) => facts.code)).toEqual([
      'source.http',
      'source.http',
      'source.http',
      undefined,
    ]);
  });

  test.each<[what: string, header: string, waits: number[]]>([
    ['seconds', '7', [7000]],
    ['a date', new Date(NOW + 90_000).toUTCString(), [90_000]],
    ['a date that is past', new Date(NOW - 90_000).toUTCString(), [0]],
    ['neither', 'soon', [375]],
  ])('wait as Retry-After says: %s', async (_, header, waits) => {
    await using kit = await openKit();
    let calls = 0;
    await using server = await serve((__, response) =>
      ++calls < 2 ? response.writeHead(429, { 'retry-after': header }).end() : response.end('[{"a":1}]'),
    );
    await kit.read({ request: { url: server.url } });
    expect(kit.slept).toEqual(waits);
  });

  test('do not wait longer than allowed', async () => {
    await using kit = await openKit();
    await using server = await serve((_, response) =>
      response.writeHead(429, { 'retry-after': '301' }).end(),
    );
    expect(await faultOf(kit.read({ request: { url: server.url } }))).toMatchObject({
      code: 'source.http',
      sourceStatus: 429,
    });
    expect(kit.slept).toEqual([]);
  });

  test('end, with the last failure', async () => {
    await using kit = await openKit();
    await using server = await serve((_, response) => response.writeHead(500).end('secret'));
    const fault = await faultOf(kit.read({ request: { url: server.url }, retry: { attempts: 2 } }));
    expect(fault).toMatchObject({ code: 'source.http', sourceStatus: 500, page: 1 });
    expect(kit.slept).toHaveLength(2);
    expect(json(fault)).not.toContain('secret');
  });

  test('are for the statuses that are named', async () => {
    await using kit = await openKit();
    await using server = await serve((_, response) => response.writeHead(500).end());
    await faultOf(kit.read({ request: { url: server.url }, retry: { statuses: [503] } }));
    await using other = await serve((_, response) => response.writeHead(404).end());
    await faultOf(kit.read({ request: { url: other.url } }));
    expect(kit.slept).toEqual([]);
  });

  test('half a stream is read anew from its beginning', async () => {
    await using kit = await openKit();
    let calls = 0;
    await using server = await serveRaw((socket) =>
      socket.end(
        ++calls < 3
          ? 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{"a":1},{"a":'
          : 'HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n[{"a":1},{"a":2}]',
      ),
    );
    expect((await kit.read({ request: { url: server.url } }))?.text).toBe('{"a":1}\n{"a":2}\n');
    expect(calls).toBe(3);
  });

  test('an address that is blocked is not tried again', async () => {
    await using kit = await openKit();
    expect(await faultOf(kit.read({ request: { url: 'http://10.0.0.1/' } }))).toMatchObject({
      code: 'outbound.blocked',
    });
    expect(kit.slept).toEqual([]);
  });

  test('a redirect to cloud metadata is blocked, and credentials do not go elsewhere', async () => {
    await using kit = await openKit({ key: 'k' });
    const auth = { type: 'bearer', token: { secret: 'key' } } as const;
    await using server = await serve((_, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    );
    expect(await faultOf(kit.read({ request: { url: server.url }, auth }))).toMatchObject({
      code: 'outbound.blocked',
      page: 1,
    });
    const seen: unknown[] = [];
    await using other = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end('[{"a":1}]');
    });
    await using first = await serve((_, response) => response.writeHead(302, { location: other.url }).end());
    expect((await kit.read({ request: { url: first.url }, auth }))?.text).toBe('{"a":1}\n');
    expect(seen).toEqual([undefined]);
  });

  test('an abort ends a wait and a call with its reason', async () => {
    await using kit = await openKit();
    const controller = new AbortController();
    await using server = await serve(() => controller.abort(new Error('stopped')));
    await expect(kit.read({ request: { url: server.url } }, { signal: controller.signal })).rejects.toThrow(
      'stopped',
    );
  });
});
