import { Elysia } from 'elysia';
import Type from 'typebox';
import { type ApiKey, ApiKeyPatch, NewApiKey } from '../../domain/api-key.ts';
import type { ApiKeys } from '../../services/api-keys.ts';
import { callerOf } from '../caller.ts';
import { requireScope } from '../context.ts';
import { PageQuery, pageOf } from '../page.ts';
import { std, stdQuery } from '../validate.ts';

export interface ApiKeysDeps {
  apiKeys: ApiKeys;
}

const tags = ['apiKeys'];
const ListQuery = Type.Object(
  { ...PageQuery, all: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
);
const ById = Type.Object({ id: Type.String({ maxLength: 100 }) });

/** Keys of programs: one's own, and for admins everybody's. */
export function apiKeysRoutes({ apiKeys }: ApiKeysDeps) {
  return new Elysia()
    .get(
      '/api-keys',
      ({ request, query }) => {
        const isAll = query.all === true;
        const { userId } = requireScope(request, isAll ? 'admin' : 'read');
        return pageOf(
          query,
          /^key_/,
          ({ id }: ApiKey) => id,
          (limit, after) => apiKeys.list(limit, after, isAll ? undefined : userId),
        );
      },
      { query: stdQuery(ListQuery), detail: { summary: 'Own API keys; with `all=true` everybody’s', tags } },
    )
    .post(
      '/api-keys',
      async ({ request, body, set }) => {
        const issued = await apiKeys.create(requireScope(request, 'read'), body, callerOf(request));
        set.status = 201;
        set.headers.location = `/api/api-keys/${issued.id}`;
        return issued;
      },
      { body: std(NewApiKey), detail: { summary: 'Make an API key; the answer alone shows it', tags } },
    )
    .get('/api-keys/:id', ({ request, params }) => apiKeys.get(requireScope(request, 'read'), params.id), {
      params: std(ById),
      detail: { summary: 'One API key', tags },
    })
    .patch(
      '/api-keys/:id',
      ({ request, params, body }) =>
        apiKeys.rename(requireScope(request, 'read'), params.id, body, callerOf(request)),
      { params: std(ById), body: std(ApiKeyPatch), detail: { summary: 'Rename an API key', tags } },
    )
    .delete(
      '/api-keys/:id',
      async ({ request, params }) => {
        await apiKeys.revoke(requireScope(request, 'read'), params.id, callerOf(request));
        return new Response(null, { status: 204 });
      },
      { params: std(ById), detail: { summary: 'Revoke an API key', tags } },
    );
}
