import { AppError } from '../base/errors.ts';

const MAX_REGEX_CHARS = 1000;

/** RE2 has no look-around and no back references; it repeats at most 1000 times. */
const NOT_RE2: readonly [RegExp, string][] = [
  [/^(?:[^\\]|\\.)*?\(\?(?:[=!]|<[=!])/s, 'look-around is not known to RE2'],
  [/^(?:[^\\]|\\.)*?\\[1-9]/s, 'back references are not known to RE2'],
];

/**
 * Refuses what RE2 certainly refuses, so that the error names its place. It is conservative: what it lets through may still be refused by the
 * engine, whose message then has to be mapped to `query.type`.
 */
export function checkRegex(pattern: string, pointer: string): void {
  const fault = regexFault(pattern);
  if (fault) throw new AppError('query.type', `The regular expression is not valid: ${fault}`, { pointer });
}

function regexFault(pattern: string): string | undefined {
  if (pattern.length > MAX_REGEX_CHARS) return `it has more than ${MAX_REGEX_CHARS} characters`;
  return NOT_RE2.find(([shape]) => shape.test(pattern))?.[1] ?? bracketFault(pattern);
}

function bracketFault(pattern: string): string | undefined {
  let open = 0;
  let inClass = false;
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern[index];
    if (char === '\\') {
      if (pattern[index + 1] === 'Q') return undefined; // from \Q on all is literal up to \E
      if (index + 1 === pattern.length) return 'it ends with a backslash';
      index += 1;
    } else if (inClass) {
      inClass = char !== ']';
    } else if (char === '[') {
      inClass = true;
      if (pattern[index + 1] === '^') index += 1;
      if (pattern[index + 1] === ']') index += 1;
      if (pattern[index + 1] === '[') return undefined; // may open a named class such as [[:alpha:]]
    } else if (char === '(') open += 1;
    else if (char === ')' && --open < 0) return 'a ) has no (';
  }
  if (inClass) return 'a [ has no ]';
  return open > 0 ? 'a ( has no )' : undefined;
}

/** A `like` pattern must not end in the middle of an escape. */
export function checkLike(pattern: string, pointer: string): void {
  const trailing = /\\+$/.exec(pattern)?.[0].length ?? 0;
  if (trailing % 2 === 1)
    throw new AppError('request.invalid', 'The pattern ends with a single backslash', { pointer });
}
