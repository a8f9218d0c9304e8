export const COOKIES = {
  session: 'reporting_session',
  csrf: 'reporting_csrf',
  refresh: 'reporting_refresh',
  device: 'reporting_device',
} as const;

/** The value of a cookie in a `Cookie` header; the first, where a name comes twice. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name)
      return part.slice(equals + 1).trim() || undefined;
  }
  return undefined;
}
