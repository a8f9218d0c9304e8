import { AppError } from '../base/errors.ts';
import { pointer } from '../base/pointer.ts';

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new AppError('request.invalid', `The query string has a broken escape in ${text.slice(0, 100)}`, {
      params: { in: 'query' },
      cause,
    });
  }
}

/** The query of a URL: a text a name, a list where the name comes more than once. Throws AppError `request.invalid`. */
export function parseQuery(url: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null);
  const start = url.indexOf('?');
  if (start < 0) return query;
  const end = url.indexOf('#', start);
  for (const part of url.slice(start + 1, end < 0 ? undefined : end).split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : decode(part.slice(equals + 1));
    const before = query[name];
    query[name] = before === undefined ? value : [before, value].flat();
  }
  return query;
}

/** Elysia splits values at commas and reads brackets as JSON; this puts what was sent in place of that. */
export function replaceQuery(query: Record<string, unknown>, url: string): void {
  for (const name of Object.keys(query)) delete query[name];
  Object.assign(query, parseQuery(url));
}

/** Elysia gives null for a path parameter whose escapes are broken. */
export function checkPathParams(params: Record<string, unknown> = {}): void {
  for (const [name, value] of Object.entries(params)) {
    if (value !== null) continue;
    throw new AppError('request.invalid', `The path parameter ${name} has a broken escape`, {
      pointer: pointer(name),
      params: { in: 'path' },
    });
  }
}
