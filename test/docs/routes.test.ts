import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { CODES } from '../../src/base/errors.ts';
import { NewUpload } from '../../src/domain/upload.ts';
import type { Document } from '../../src/http/docs/openapi.ts';
import { OPERATIONS } from '../../src/http/docs/operations/all.ts';
import { STATUS } from '../../src/http/problem.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { probeRoutes, type Started, start } from '../http/core-kit.ts';
import { everyRoute } from './every-route.ts';

let server: Started;
let probes: Started;
let document: Document;
let probed: Document;

const described = async (started: Started) =>
  (await (await fetch(`${started.url}/api/openapi.json`)).json()) as Document;

beforeAll(async () => {
  server = await start({}, { routes: await everyRoute() });
  probes = await start({}, { routes: [probeRoutes({ opened: Promise.resolve() })] });
  [document, probed] = [await described(server), await described(probes)];
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await probes[Symbol.asyncDispose]();
});

const operations = (of: Document) =>
  Object.entries(of.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
  );

function referencesIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value] : referencesIn(value),
  );
}

const resolve = (of: Document, reference: string) =>
  reference
    .slice(2)
    .split('/')
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], of);

describe('the description of the API', () => {
  test('is OpenAPI 3.1 with the ways to sign in and the one problem', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: 'Reporting API', version: '9.9.9' });
    expect(Object.keys(document.components.securitySchemes as object)).toEqual([
      'bearer',
      'apiKey',
      'cookie',
      'refreshCookie',
      'csrf',
      'metricsToken',
    ]);
    expect(document.components.schemas.Problem).toMatchObject({ type: 'object' });
  });

  test('has every route that is mounted, and nothing else', () => {
    const mounted = server.elysia.routes
      .filter(({ method, hooks }) => method !== 'OPTIONS' && !hooks?.detail?.hide)
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`);
    expect(
      operations(document)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(mounted.sort());
  });

  test('says of every operation what it is for, under a known tag, with an id of its own', () => {
    const tags = new Set((document.tags as { name: string }[]).map(({ name }) => name));
    for (const { name, operation } of operations(document)) {
      expect(`${name}: ${operation.summary}`).toMatch(/: .{5}/);
      expect(`${name}: ${operation.description}`).toMatch(/: .{5}/);
      expect(operation.tags.length, name).toBeGreaterThan(0);
      for (const tag of operation.tags) expect(tags, name).toContain(tag);
      expect(operation.operationId, name).toMatch(/^[a-z][A-Za-z]+$/);
      for (const parameter of operation.parameters ?? [])
        expect(`${name} ${parameter.name}: ${parameter.description ?? ''}`).toMatch(/: .{5}/);
    }
    const ids = operations(document).map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('the table of operations has every route, and nothing else', () => {
    const mounted = operations(document).map(({ name }) => {
      const [method = '', path = ''] = name.split(' /api');
      return `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
    });
    expect(Object.keys(OPERATIONS).sort()).toEqual(mounted.sort());
  });

  test('every operation has a success with a schema, and its problems', () => {
    for (const { name, operation } of operations(document)) {
      const { default: other, ...responses } = operation.responses;
      expect(other, name).toEqual({ $ref: '#/components/responses/Problem' });
      const successes = Object.entries(responses).filter(([status]) => Number(status) < 300);
      expect(successes.length, name).toBeGreaterThan(0);
      for (const [status, { content }] of successes) {
        const schemas = Object.values((content ?? {}) as Record<string, { schema: object }>);
        expect(`${name} ${status}: ${schemas.length}`).toMatch(/ (?:204|202|101): 0$|: [1-9]/);
        for (const { schema } of schemas) expect(Object.keys(schema), name).not.toBeEmpty();
      }
      const isOpen = operation.security.length === 0 || name === 'get /api/readyz';
      const expected = isOpen ? ['400', '503'] : ['400', '401', '503'];
      expect(Object.keys(responses), name).toEqual(expect.arrayContaining(expected));
      const path = document.paths[name.split(' ')[1]!]!;
      if (name.includes('{') && path) expect(Object.keys(responses), name).toContain('404');
    }
  });

  test('a change by cookie asks for the CSRF token, and only that', () => {
    for (const { name, operation } of operations(document)) {
      const byCookie = operation.security.filter((way) => 'cookie' in way || 'refreshCookie' in way);
      for (const way of byCookie)
        expect(`${name} ${'csrf' in way}`).toBe(`${name} ${!name.startsWith('get ')}`);
    }
    const { security } = document.paths['/api/datasets']!.post!;
    expect(security).toEqual([{ bearer: [] }, { apiKey: [] }, { cookie: [], csrf: [] }]);
    expect(document.paths['/api/healthz']!.get!.security).toEqual([]);
  });

  test('is valid by a validator that is not ours', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  test('every reference resolves', () => {
    for (const of of [document, probed]) {
      const references = referencesIn(of);
      expect(references.length).toBeGreaterThan(5);
      for (const reference of references) {
        expect(reference).toStartWith('#/');
        expect(resolve(of, reference), reference).toBeDefined();
      }
    }
  });

  test('bodies, parameters and the filter tree come out as the schemas have them', () => {
    const { paths, components } = probed;
    expect(paths['/api/probe/pivot']?.post?.requestBody).toEqual({
      required: true,
      content: { 'application/json': { schema: { $ref: '#/components/schemas/PivotSpec' } } },
    });
    expect(components.schemas.PivotSpec).toMatchObject({
      type: 'object',
      additionalProperties: false,
      properties: { where: { $ref: '#/components/schemas/Filter' } },
    });
    expect(JSON.stringify(components.schemas.Filter)).toContain('{"$ref":"#/components/schemas/Filter"}');
    expect(paths['/api/probe/page']?.get?.parameters).toContainEqual({
      name: 'limit',
      in: 'query',
      required: false,
      description: 'The most that is returned',
      schema: { type: 'integer', minimum: 1, maximum: 100 },
    });
    expect(paths['/api/probe/code/{code}']?.get?.parameters).toEqual([
      { name: 'code', in: 'path', required: true, schema: { type: 'string', pattern: '^[a-z]+$' } },
    ]);
    expect(JSON.stringify(probed)).not.toContain('~standard');
  });

  const FORM = 'multipart/form-data';
  const OF_DATASET = ['description', 'name', 'replace'];

  test.each([
    ['/api/datasets', []],
    ['/api/datasets/{dataset}/generations', OF_DATASET],
  ])('uploads to %s have every option, with what it is for', (path, left) => {
    const { requestBody, parameters = [] } = document.paths[path]!.post!;
    const { content } = requestBody as {
      content: Record<string, { schema: { properties: Record<string, { description?: string }> } }>;
    };
    expect(Object.keys(content)).toContain('application/zip');
    const { file, ...options } = content[FORM]!.schema.properties;
    expect(file).toEqual({ type: 'string', format: 'binary' } as object);
    const expected = Object.keys(NewUpload.properties).filter((name) => !left.includes(name));
    expect(Object.keys(options).sort()).toEqual(expected.sort());
    for (const [name, { description }] of Object.entries(options))
      expect(`${name}: ${description ?? ''}`).toMatch(/: .{5}/);
    const inQuery = parameters.filter((each) => each.in === 'query').map(({ name }) => String(name));
    expect(inQuery.sort()).toEqual(expected);
  });

  test('every field of an upload that is a list or an object is marked as JSON', () => {
    const { content } = document.paths['/api/datasets']!.post!.requestBody as {
      content: Record<
        string,
        { encoding: object; schema: { properties: Record<string, { type?: string }> } }
      >;
    };
    const { encoding, schema } = content[FORM]!;
    const structured = Object.entries(schema.properties).filter(
      ([, { type }]) => type === 'array' || type === 'object',
    );
    expect(Object.keys(encoding).sort()).toEqual(structured.map(([name]) => name).sort());
  });

  test('the page needs nothing from elsewhere', async () => {
    const page = await (await fetch(`${server.url}/api/docs`)).text();
    const assets = [...page.matchAll(/(?:src|href)="(?!data:)([^"]+)"/g)].map(([, path]) => path!);
    expect(assets).toHaveLength(3);
    for (const path of assets) {
      expect(path).toStartWith('/api/docs/');
      const asset = await fetch(server.url + path);
      expect((await asset.text()).length, path).toBeGreaterThan(50);
      expect(asset.headers.get('content-type'), path).toMatch(/^text\/(?:javascript|css)/);
    }
    expect(page).not.toMatch(/<script>|\son\w+="/);
  });
});

describe('error codes', () => {
  test('each has a status and stands in the list', async () => {
    const list = await (await fetch(`${server.url}/api/docs/errors`)).json();
    const expected = Object.entries(CODES).map(([code, title]) => ({
      code,
      status: STATUS[code as keyof typeof CODES],
      title,
    }));
    expect(list).toEqual({ items: expected });
    for (const { status } of expected) expect(status).toBeWithin(400, 600);
  });

  test("a problem's type leads to its row of the page", async () => {
    const page = await (
      await fetch(`${server.url}/api/docs/errors`, { headers: { accept: 'text/html' } })
    ).text();
    for (const code of Object.keys(CODES)) expect(page).toContain(`<tr id="${code}">`);
  });
});

describe('default deny', () => {
  const OPEN = new Set([
    'GET /api/healthz',
    'GET /api/readyz',
    'POST /api/auth/login',
    'POST /api/auth/refresh',
  ]);

  test('holds on every route of the service', async () => {
    await using closed = await start(
      {
        APP_ENV: 'prod',
        SECRET_KEY: 'k3y-of-this-test-0123456789-abcdefghij',
        METRICS_ALLOW_IPS: '192.0.2.1',
      },
      { routes: await everyRoute() },
    );
    for (const { method, path } of closed.elysia.routes) {
      const name = `${method} ${path}`;
      if (method === 'OPTIONS' || OPEN.has(name)) continue;
      const answer = await fetch(closed.url + path.replaceAll(/:\w+/g, 'x'), { method });
      expect(`${name} ${((await answer.json()) as { code: string }).code}`).toBe(`${name} auth.required`);
    }
  });
});

describe('metrics', () => {
  test('every name and label is as Prometheus wants it, with a help text', async () => {
    const found = await createMetrics().registry.getMetricsAsJSON();
    expect(found.length).toBeGreaterThan(20);
    for (const { name, help, type } of found) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(help.length, name).toBeGreaterThan(3);
      if (String(type) === 'counter') expect(name).toMatch(/_total$/);
      // The one that the service before had, under its name.
      if (String(type) === 'histogram' && name !== 'ai_request_duration_ms')
        expect(name).toMatch(/_(?:seconds|bytes)$/);
    }
  });
});
