import { toOpenAPISchema } from '@elysiajs/openapi';
import type { AnyElysia } from 'elysia';
import { CODES } from '../../base/errors.ts';
import { COOKIES } from '../../services/cookies.ts';
import { PROBLEM_TYPE } from '../problem.ts';

type Json = Record<string, unknown>;
type Operation = Json & { responses?: Json; summary?: string; tags?: string[] };

interface Route {
  method: string;
  path: string;
  hooks: { body?: unknown; detail?: { hide?: boolean; operationId?: string } };
}

export interface Document extends Json {
  openapi: '3.1.0';
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json> } & Json;
}

const TAGS: Record<string, string> = {
  service: 'Health, metrics and this description',
  auth: 'Signing in and out',
  users: 'Who may sign in',
  apiKeys: 'Keys for programs',
  datasets: 'Uploaded files as typed tables, in generations',
  datasources: 'Databases that reports are made from',
  secrets: 'Secrets that sources refer to by name',
  models: 'Named sources with joins, dimensions and measures',
  queries: 'Grouped rows and pivots',
  sync: 'Tasks that keep datasets fresh',
  jobs: 'Runs, what starts them, and calendars',
  ai: 'Models that describe, suggest and answer',
  admin: 'Running the service',
};

const PROBLEM_SCHEMA: Json = {
  type: 'object',
  description: 'What went wrong (RFC 9457)',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string', format: 'uri-reference' },
    code: { type: 'string', enum: Object.keys(CODES) },
    requestId: { type: 'string' },
    pointer: { type: 'string', description: 'The field at fault (RFC 6901)' },
    in: { type: 'string', enum: ['body', 'query', 'path', 'header', 'cookie'] },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'message'],
        properties: { pointer: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

const SECURITY_SCHEMES: Json = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'The token of POST /api/auth/login, or an API key',
  },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: COOKIES.session,
    description: 'Set by login; changes also need the header X-CSRF-Token',
  },
};

/** A schema as plain JSON, without what only validation needs. */
function plain(schema: unknown): Json {
  return JSON.parse(JSON.stringify(schema, (key, value) => (key.startsWith('~') ? undefined : value)));
}

/** Moves nested `$defs` into `schemas`, and points the short references of typebox there. */
function hoist(node: unknown, schemas: Record<string, Json>): unknown {
  if (Array.isArray(node)) return node.map((item) => hoist(item, schemas));
  if (typeof node !== 'object' || node === null) return node;
  const hoisted: Json = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === '$defs') {
      for (const [name, definition] of Object.entries(value as Record<string, unknown>))
        schemas[name] ??= hoist(definition, schemas) as Json;
    } else if (key === '$ref' && typeof value === 'string' && !value.startsWith('#'))
      hoisted[key] = `#/components/schemas/${value}`;
    else hoisted[key] = hoist(value, schemas);
  }
  return hoisted;
}

function operationId(method: string, path: string): string {
  const words = path
    .replace(/^\/api/, '')
    .split(/[^A-Za-z0-9{}]+/)
    .filter((word) => word !== '');
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  return (
    method +
    words
      .map((word) => (word.startsWith('{') ? `By${capital(word.replace(/[{}]/g, ''))}` : capital(word)))
      .join('')
  );
}

function complete(operation: Operation, method: string, path: string, route: Route | undefined): Operation {
  const done: Operation = {
    ...operation,
    operationId: route?.hooks.detail?.operationId ?? operationId(method, path),
  };
  if (route?.hooks.body)
    done.requestBody = {
      required: true,
      content: { 'application/json': { schema: plain(route.hooks.body) } },
    };
  const responses = { ...operation.responses };
  if (Object.keys(responses).length === 0) responses['200'] = { description: 'Done' };
  responses.default = { $ref: '#/components/responses/Problem' };
  done.responses = responses;
  return done;
}

/** OpenAPI 3.1 of all routes that are not hidden. */
export function describeApi(app: AnyElysia, version: string): Document {
  const found = toOpenAPISchema(app, { methods: ['options', 'head'], staticFile: false }, undefined, {
    typebox: plain,
  });
  const routes = new Map<string, Route>(
    (app.routes as Route[]).map((route) => [
      `${route.method.toLowerCase()} ${route.path.replace(/:([^/]+)/g, '{$1}')}`,
      route,
    ]),
  );
  const paths: Document['paths'] = {};
  for (const [path, operations] of Object.entries(found.paths as Document['paths'])) {
    const done = Object.entries(operations).map(([method, operation]) => [
      method,
      complete(operation, method, path, routes.get(`${method} ${path}`)),
    ]);
    paths[path] = Object.fromEntries(done);
  }
  const schemas: Record<string, Json> = { Problem: PROBLEM_SCHEMA };
  const described = hoist(paths, schemas) as Document['paths'];
  return {
    openapi: '3.1.0',
    info: { title: 'Reporting API', version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    security: [{ bearer: [] }, { apiKey: [] }, { cookie: [] }],
    paths: described,
    components: {
      schemas,
      securitySchemes: SECURITY_SCHEMES,
      responses: {
        Problem: {
          description: 'The request failed',
          content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}
