import { COOKIES } from '../services/cookies.ts';
import type { Grant, SignedIn } from '../services/sign-in.ts';

const REFRESH_PATH = '/api/auth/refresh';
const LOGIN_PATH = '/api/auth/login';

interface CookieOptions {
  path: string;
  sameSite: 'Lax' | 'Strict';
  maxAgeS: number;
  isReadable?: boolean;
}

function cookie(name: string, value: string, options: CookieOptions, isSecure: boolean): string {
  const parts = [
    `${name}=${value}`,
    `Path=${options.path}`,
    `Max-Age=${options.maxAgeS}`,
    `SameSite=${options.sameSite}`,
  ];
  if (!options.isReadable) parts.push('HttpOnly');
  if (isSecure) parts.push('Secure');
  return parts.join('; ');
}

function cookies(
  values: { session: string; csrf: string; refresh: string },
  shortS: number,
  longS: number,
  isSecure: boolean,
) {
  return [
    cookie(COOKIES.session, values.session, { path: '/', sameSite: 'Lax', maxAgeS: shortS }, isSecure),
    cookie(
      COOKIES.csrf,
      values.csrf,
      { path: '/', sameSite: 'Lax', maxAgeS: longS, isReadable: true },
      isSecure,
    ),
    cookie(
      COOKIES.refresh,
      values.refresh,
      { path: REFRESH_PATH, sameSite: 'Strict', maxAgeS: longS },
      isSecure,
    ),
  ];
}

/** `Set-Cookie` lines of a sign-in. */
export function grantCookies(grant: Grant, nowMs: number, scheme: 'http' | 'https'): string[] {
  const seconds = (untilMs: number) => Math.max(0, Math.floor((untilMs - nowMs) / 1000));
  const values = { session: grant.token, csrf: grant.csrf, refresh: grant.refresh };
  return cookies(values, seconds(grant.expiresAtMs), seconds(grant.sessionExpiresAtMs), scheme === 'https');
}

/** `Set-Cookie` lines that take a sign-in's cookies away. */
export function noCookies(scheme: 'http' | 'https'): string[] {
  return cookies({ session: '', csrf: '', refresh: '' }, 0, 0, scheme === 'https');
}

/** The `Set-Cookie` line of a known device; signing out leaves it. */
export function deviceCookie({ value, maxAgeS }: SignedIn['device'], scheme: 'http' | 'https'): string {
  return cookie(COOKIES.device, value, { path: LOGIN_PATH, sameSite: 'Strict', maxAgeS }, scheme === 'https');
}
