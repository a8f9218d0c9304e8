import { AppError } from '../../base/errors.ts';

/** What RE2 knows and PostgreSQL's regular expressions do not, or mean otherwise. */
const UNKNOWN = /\\[pPCQ]|\(\?P?<|\(\?[A-Za-z-]+[:)]/;

/**
 * A regular expression of the language in PostgreSQL's spelling: word boundaries are `\y` there, the end is `\Z`, and a dot takes line breaks
 * unless told. Throws `query.unsupported` for classes by name of Unicode, named groups and flags.
 */
export function postgresRegex(pattern: string): string {
  const unknown = UNKNOWN.exec(pattern.replaceAll('\\\\', ''))?.[0];
  if (unknown !== undefined)
    throw new AppError('query.unsupported', `PostgreSQL does not know ${unknown} in a regular expression`, {
      params: { operator: 'matches' },
    });
  const spelled = pattern.replace(/\\(.)/gs, (found, char: string) => SPELLED[char] ?? found);
  return `(?p)${spelled}`;
}

const SPELLED: Readonly<Record<string, string>> = { b: '\\y', B: '\\Y', z: '\\Z' };
