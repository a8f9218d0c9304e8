import { Elysia } from 'elysia';
import Type from 'typebox';
import { type Secret, SecretInput, SecretPatch } from '../../domain/secret.ts';
import type { NamedSecrets } from '../../services/named-secrets.ts';
import { callerOf } from '../caller.ts';
import { requireScope } from '../context.ts';
import { PageQuery, pageOf } from '../page.ts';
import { std, stdQuery } from '../validate.ts';

export interface SecretsRoutesDeps {
  secrets: NamedSecrets;
}

const tags = ['secrets'];
const ListQuery = Type.Object(PageQuery, { additionalProperties: false });
const ByName = Type.Object({ secret: Type.String({ minLength: 1, maxLength: 400 }) });

/** Secrets that sources refer to by name. For admins; no answer holds a value. */
export function secretsRoutes({ secrets }: SecretsRoutesDeps) {
  return new Elysia()
    .get(
      '/secrets',
      ({ request, query }) => {
        requireScope(request, 'admin');
        return pageOf(
          query,
          /^sec_/,
          ({ id }: Secret) => id,
          (limit, after) => secrets.list(limit, after),
        );
      },
      { query: stdQuery(ListQuery), detail: { summary: 'All secrets, without their values', tags } },
    )
    .get(
      '/secrets/:secret',
      ({ request, params }) => {
        requireScope(request, 'admin');
        return secrets.get(params.secret);
      },
      { params: std(ByName), detail: { summary: 'One secret, by id or name, without its value', tags } },
    )
    .post(
      '/secrets',
      async ({ request, body, set }) => {
        requireScope(request, 'admin');
        const made = await secrets.create(body, callerOf(request));
        set.status = 201;
        set.headers.location = `/api/secrets/${made.id}`;
        return made;
      },
      { body: std(SecretInput), detail: { summary: 'Keep a secret for sources to refer to', tags } },
    )
    .patch(
      '/secrets/:secret',
      ({ request, params, body }) => {
        requireScope(request, 'admin');
        return secrets.update(params.secret, body, callerOf(request));
      },
      {
        params: std(ByName),
        body: std(SecretPatch),
        detail: {
          summary: 'Change the value, the description or the hosts of a secret; its name stays',
          tags,
        },
      },
    )
    .delete(
      '/secrets/:secret',
      async ({ request, params }) => {
        requireScope(request, 'admin');
        await secrets.remove(params.secret, callerOf(request));
        return new Response(null, { status: 204 });
      },
      { params: std(ByName), detail: { summary: 'Remove a secret that nothing refers to', tags } },
    );
}
