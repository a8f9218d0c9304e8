import { Elysia } from 'elysia';
import { type Clock, iso } from '../../base/clock.ts';
import { Login, PasswordChange } from '../../domain/user.ts';
import type { Grant, SignIn } from '../../services/sign-in.ts';
import { callerOf } from '../caller.ts';
import { contextOf, requireScope } from '../context.ts';
import { deviceCookie, grantCookies, noCookies } from '../session-cookies.ts';
import { std } from '../validate.ts';

export interface AuthDeps {
  signIn: SignIn;
  clock: Clock;
}

const tags = ['auth'];

function refreshHeaders({ headers }: Request) {
  const [authorization, cookie, csrf] = ['authorization', 'cookie', 'x-csrf-token'].map((name) =>
    headers.get(name),
  );
  return {
    ...(authorization ? { authorization } : {}),
    ...(cookie ? { cookie } : {}),
    ...(csrf ? { csrf } : {}),
  };
}

/** Sign-in of people. */
export function authRoutes({ signIn, clock }: AuthDeps) {
  function answer(grant: Grant, request: Request, more: object = {}): Response {
    const { token, expiresAtMs, user } = grant;
    const response = Response.json({ token, expiresAt: iso(expiresAtMs), user, ...more });
    for (const line of grantCookies(grant, clock.now(), contextOf(request).scheme))
      response.headers.append('set-cookie', line);
    return response;
  }

  return new Elysia()
    .post(
      '/auth/login',
      async ({ body, request }) => {
        const { headers } = request;
        const [agent, cookie] = [headers.get('user-agent') ?? '', headers.get('cookie') ?? undefined];
        const signedIn = await signIn.login(body, agent, callerOf(request), cookie);
        const response = answer(signedIn, request, { failedSignIns: signedIn.failedSignIns });
        response.headers.append('set-cookie', deviceCookie(signedIn.device, contextOf(request).scheme));
        return response;
      },
      {
        body: std(Login),
        detail: { summary: 'Sign in with e-mail address and password', tags, security: [] },
      },
    )
    .post(
      '/auth/refresh',
      async ({ request }) =>
        answer(await signIn.refresh(refreshHeaders(request), callerOf(request)), request),
      { detail: { summary: 'Another token, for a good one or for the refresh cookie', tags } },
    )
    .post(
      '/auth/logout',
      async ({ request }) => {
        await signIn.logout(requireScope(request, 'read'), callerOf(request));
        const response = new Response(null, { status: 204 });
        for (const line of noCookies(contextOf(request).scheme)) response.headers.append('set-cookie', line);
        return response;
      },
      { detail: { summary: 'End the session', tags } },
    )
    .post(
      '/auth/change-password',
      async ({ body, request }) => {
        await signIn.changePassword(requireScope(request, 'read'), body, callerOf(request));
        return new Response(null, { status: 204 });
      },
      {
        body: std(PasswordChange),
        detail: { summary: 'Change the own password; ends all other sessions', tags },
      },
    )
    .get(
      '/auth/me',
      async ({ request }) => {
        const principal = requireScope(request, 'read');
        return { ...(await signIn.me(principal)), via: principal.via, scopes: principal.scopes };
      },
      { detail: { summary: 'Who is signed in, how, and with which rights', tags } },
    );
}
