import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { CODES } from '../../src/base/errors.ts';
import { NewUpload } from '../../src/domain/upload.ts';
import type { Document } from '../../src/http/docs/openapi.ts';
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

  test('says of every route what it is for, under a known tag, with an id of its own', () => {
    const tags = new Set((document.tags as { name: string }[]).map(({ name }) => name));
    for (const { name, operation } of operations(document)) {
      expect(`${name}: ${operation.summary ?? ''}`).toMatch(/: .{5}/);
      expect(operation.tags?.length, name).toBeGreaterThan(0);
      for (const tag of operation.tags ?? []) expect(tags, name).toContain(tag);
      expect(operation.responses, name).toHaveProperty('default');
    }
    const ids = operations(document).map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
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
    expect(paths['/api/probe/pivot']?.post?.requestBody).toMatchObject({
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            additionalProperties: false,
            properties: { where: { $ref: '#/components/schemas/Filter' } },
          },
        },
      },
    });
    expect(JSON.stringify(components.schemas.Filter)).toContain('{"$ref":"#/components/schemas/Filter"}');
    expect(paths['/api/probe/page']?.get?.parameters).toContainEqual({
      name: 'limit',
      in: 'query',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 100 },
    });
    expect(paths['/api/probe/code/{code}']?.get?.parameters).toEqual([
      { name: 'code', in: 'path', required: true, schema: { type: 'string', pattern: '^[a-z]+$' } },
    ]);
    expect(JSON.stringify(probed)).not.toContain('~standard');
  });

  test('uploads have every option, with what it is for', () => {
    for (const path of ['/api/datasets', '/api/datasets/{dataset}/generations']) {
      const body = document.paths[path]?.post?.requestBody as {
        content: Record<string, { schema: { properties: Record<string, { description?: string }> } }>;
      };
      expect(Object.keys(body.content)).toContain('application/zip');
      const { file, ...options } = body.content['multipart/form-data']!.schema.properties;
      expect(file).toEqual({ type: 'string', format: 'binary' } as object);
      expect(Object.keys(options).sort()).toEqual(Object.keys(NewUpload.properties).sort());
      for (const [name, { description }] of Object.entries(options))
        expect(`${name}: ${description ?? ''}`).toMatch(/: .{5}/);
    }
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
