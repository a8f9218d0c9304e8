import type { AnyElysia } from 'elysia';
import { accessOf } from '../access.ts';
import { scopeOfEndpoint } from '../route-scopes.ts';
import { bodyOf } from './bodies.ts';
import { Components, type Json } from './components.ts';
import type { Answer, OperationDoc } from './operation.ts';
import { OPERATIONS } from './operations/all.ts';
import { parametersOf } from './parameters.ts';
import { codesOf, PROBLEM_SCHEMA, problemResponses, sharedResponses } from './problems.ts';
import { SECURITY_SCHEMES, securityOf } from './security.ts';

export interface Operation extends Json {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  responses: Record<string, Json>;
  parameters?: Json[];
  requestBody?: Json;
  security: Json[];
}

export interface DescribedRoute {
  method: string;
  path: string;
  hooks: {
    body?: unknown;
    params?: unknown;
    query?: unknown;
    detail?: { hide?: boolean; summary?: string; tags?: string[] };
  };
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

const DESCRIPTION = `Errors are RFC 9457 problems with a stable \`code\`; GET /api/docs/errors lists all codes. Lists come in pages: pass \`nextCursor\` as \`cursor\`.
What is marked \`x-not-built\` is part of the language, but not built yet: it answers 501 \`query.not_built\`.`;

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const NOT_MODIFIED = { description: 'If-None-Match names the tag of this content' };
const NO_DOC: OperationDoc = { id: '', description: '', answers: { 200: { description: 'Done' } } };

function answerOf({ description, content, headers }: Answer, components: Components): Json {
  const types = Object.entries(content ?? {}).map(([type, schema]) => [
    type,
    { schema: components.json(schema) },
  ]);
  const named = Object.entries(headers ?? {}).map(([name, text]) => [
    name,
    { description: text, schema: { type: 'string' } },
  ]);
  return {
    description,
    ...(named.length > 0 ? { headers: Object.fromEntries(named) } : {}),
    ...(types.length > 0 ? { content: Object.fromEntries(types) } : {}),
  };
}

function linksOf({ links = {} }: OperationDoc): Json | undefined {
  const found = Object.entries(links).map(([operationId, name]) => [
    operationId,
    { operationId, parameters: { [name]: '$response.body#/id' } },
  ]);
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

/** The name of an operation that has none, such as one of a test. */
const nameOf = ({ method, path }: DescribedRoute) =>
  [method.toLowerCase(), ...path.split(/\W+/).filter((word) => word !== '')].join('_');

function describeOperation(route: DescribedRoute, endpoint: string, components: Components): Operation {
  const { method, hooks } = route;
  const doc = OPERATIONS[endpoint] ?? NO_DOC;
  const access = accessOf(`${method} ${route.path}`);
  const scope = scopeOfEndpoint(`${method} ${route.path}`);
  const isChange = !SAFE.has(method);
  const { requestBody, parameters: more } = bodyOf(hooks.body, doc, components);
  const parameters = [...parametersOf(hooks, doc, components), ...more];
  const codes = codesOf({
    ...{ access, isChange, isGuarded: scope !== undefined },
    ...{ hasBody: requestBody !== undefined, hasPath: hooks.params !== undefined },
  });
  const links = linksOf(doc);
  const answers = Object.entries(doc.answers).map(([status, answer]) => [
    status,
    { ...answerOf(answer, components), ...(links ? { links } : {}) },
  ]);
  return {
    operationId: doc.id || nameOf(route),
    summary: hooks.detail?.summary ?? '',
    description: scope ? `${doc.description}\n\nNeeds the right to ${scope}.` : doc.description,
    tags: hooks.detail?.tags ?? [],
    security: securityOf(endpoint, access, isChange),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(requestBody ? { requestBody } : {}),
    responses: {
      ...problemResponses([...codes, ...(doc.codes ?? [])]),
      ...Object.fromEntries(answers),
      ...(Object.values(doc.answers).some(({ headers }) => headers?.etag) ? { 304: NOT_MODIFIED } : {}),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

/** OpenAPI 3.1 of all routes that are not hidden. */
export function describeApi(app: AnyElysia, version: string): Document {
  const components = new Components();
  const paths: Document['paths'] = {};
  for (const route of app.routes as DescribedRoute[]) {
    if (route.method === 'OPTIONS' || route.hooks?.detail?.hide) continue;
    const path = route.path.replace(/:([^/]+)/g, '{$1}');
    const endpoint = `${route.method} ${route.path.replace(/^\/api/, '')}`;
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = describeOperation(route, endpoint, components);
  }
  const { schemas } = components;
  return {
    openapi: '3.1.0',
    info: {
      title: 'Reporting API',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { Problem: PROBLEM_SCHEMA, ...schemas },
      securitySchemes: SECURITY_SCHEMES,
      responses: sharedResponses(),
    },
  };
}
