import { Elysia } from 'elysia';
import Type from 'typebox';
import { NewUser, type User, UserPatch } from '../../domain/user.ts';
import type { Users } from '../../services/users.ts';
import { callerOf } from '../caller.ts';
import { requireScope } from '../context.ts';
import { PageQuery, pageOf } from '../page.ts';
import { std, stdQuery } from '../validate.ts';

export interface UsersDeps {
  users: Users;
}

const tags = ['users'];
const ListQuery = Type.Object(PageQuery, { additionalProperties: false });
const ById = Type.Object({ id: Type.String({ maxLength: 100 }) });

/** People, for admins. */
export function usersRoutes({ users }: UsersDeps) {
  return new Elysia()
    .get(
      '/users',
      ({ request, query }) => {
        requireScope(request, 'admin');
        return pageOf(
          query,
          /^usr_/,
          ({ id }: User) => id,
          (limit, after) => users.list(limit, after),
        );
      },
      { query: stdQuery(ListQuery), detail: { summary: 'All users, in order of their making', tags } },
    )
    .post(
      '/users',
      async ({ request, body, set }) => {
        requireScope(request, 'admin');
        const user = await users.create(body, callerOf(request));
        set.status = 201;
        set.headers.location = `/api/users/${user.id}`;
        return user;
      },
      { body: std(NewUser), detail: { summary: 'Make a user', tags } },
    )
    .get(
      '/users/:id',
      ({ request, params }) => {
        requireScope(request, 'admin');
        return users.get(params.id);
      },
      { params: std(ById), detail: { summary: 'One user', tags } },
    )
    .patch(
      '/users/:id',
      ({ request, params, body }) => {
        const principal = requireScope(request, 'admin');
        return users.update(params.id, body, callerOf(request), principal);
      },
      {
        params: std(ById),
        body: std(UserPatch),
        detail: { summary: 'Change name, role, password, or disable a user', tags },
      },
    )
    .delete(
      '/users/:id',
      async ({ request, params }) => {
        requireScope(request, 'admin');
        await users.remove(params.id, callerOf(request));
        return new Response(null, { status: 204 });
      },
      { params: std(ById), detail: { summary: 'Remove a user with sessions and API keys', tags } },
    );
}
