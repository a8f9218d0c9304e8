import { AppError } from '../base/errors.ts';

const MAX_REGEX_CHARS = 1000;

const ESCAPED_LETTERS = 'dDsSwWbBAzafntrvxpPC';
const BEGIN = String.raw`^(?:[^\\]|\\.)*?`;

/** What RE2 refuses and JavaScript does not. */
const NOT_RE2: readonly [RegExp, string][] = [
  [new RegExp(String.raw`${BEGIN}\(\?<?[=!]`, 's'), 'look-around is not known'],
  [new RegExp(String.raw`${BEGIN}\\[1-9]`, 's'), 'back references are not known'],
  [
    new RegExp(String.raw`${BEGIN}\\(?![${ESCAPED_LETTERS}])[A-Za-z\u0080-\uffff]`, 's'),
    'an escape is not known',
  ],
  [
    new RegExp(String.raw`${BEGIN}\{(?:\d+,)?(?:\d{5,}|[2-9]\d{3}|1(?!000)\d{3})\}`, 's'),
    'it repeats more than 1000 times',
  ],
];

/**
 * Refuses what RE2 refuses, as far as JavaScript can tell, so that the error names its place. What it lets through may in rare cases still be
 * refused by the engine.
 */
export function checkRegex(pattern: string, pointer: string): void {
  const fault = regexFault(pattern);
  if (fault) throw new AppError('query.type', `The regular expression is not valid: ${fault}`, { pointer });
}

function regexFault(pattern: string): string | undefined {
  if (pattern.length > MAX_REGEX_CHARS) return `it has more than ${MAX_REGEX_CHARS} characters`;
  const unquoted = pattern.replace(/\\\\|\\Q.*?(?:\\E|$)/gs, (found) => (found === '\\\\' ? found : 'q'));
  const unknown = NOT_RE2.find(([shape]) => shape.test(unquoted))?.[1];
  return unknown ?? grammarFault(comparable(unquoted));
}

/** In JavaScript's spelling: no flags, names or named classes of RE2, which JavaScript does not know. */
const comparable = (pattern: string) =>
  pattern
    .replace(/\[\[:\^?[a-z]+:\]/g, '[a')
    .replace(/\(\?P?<[A-Za-z_]\w*>/g, '(')
    .replace(/\(\?[imsU]*(?:-[imsU]+)?(?::|(?=\)))/g, '(?:');

function grammarFault(pattern: string): string | undefined {
  try {
    new RegExp(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return error.message.replace(/^Invalid regular expression: /, '');
    throw error;
  }
}

/** A `like` pattern must not end in the middle of an escape. */
export function checkLike(pattern: string, pointer: string): void {
  const trailing = /\\+$/.exec(pattern)?.[0].length ?? 0;
  if (trailing % 2 === 1)
    throw new AppError('request.invalid', 'The pattern ends with a single backslash', { pointer });
}
