import { AppError } from '../base/errors.ts';

/** A step into a JSON value: the name of a member or the place of an element, or every one of them. */
export type JsonStep = string | typeof EVERY;
export type JsonPath = readonly JsonStep[];
export const EVERY = Symbol('every');

const MAX_STEPS = 32;
const NAME = /^\.([\p{L}_$][\p{L}\p{N}_$-]*|\*)/u;
const INDEX = /^\[(\d+|\*)\]/;
const QUOTED = /^\[(?:'((?:[^'\\]|\\['\\])*)'|"((?:[^"\\]|\\["\\])*)")\]/;

function pointerSteps(text: string): JsonStep[] | undefined {
  if (/~(?![01])/.test(text)) return undefined;
  return text
    .slice(1)
    .split('/')
    .map((part) => (part === '*' ? EVERY : part.replaceAll('~1', '/').replaceAll('~0', '~')));
}

function pathSteps(text: string): JsonStep[] | undefined {
  const steps: JsonStep[] = [];
  for (let rest = text.slice(1); rest !== ''; ) {
    const match = NAME.exec(rest) ?? INDEX.exec(rest) ?? QUOTED.exec(rest);
    if (!match) return undefined;
    const quoted = match[2] ?? (match[0].startsWith('[') && /['"]/.test(match[0][1]!) ? match[1] : undefined);
    steps.push(quoted !== undefined ? quoted.replace(/\\(.)/g, '$1') : match[1] === '*' ? EVERY : match[1]!);
    rest = rest.slice(match[0].length);
  }
  return steps;
}

/**
 * A place in a JSON document: an RFC 6901 pointer (`/data/items`) in which `*` is every member, or of JSONPath `$`, `.name`, `['name']`, `[n]`,
 * `.*` and `[*]`. Throws AppError `request.invalid`.
 */
export function parseJsonPath(text: string, pointer: string): JsonPath {
  const steps =
    text === '' ? [] : text[0] === '/' ? pointerSteps(text) : text[0] === '$' ? pathSteps(text) : undefined;
  if (steps && steps.length <= MAX_STEPS) return steps;
  throw new AppError(
    'request.invalid',
    `${pointer} must be a JSON pointer such as /data/items, or a path such as $.data.items[*]`,
    { pointer },
  );
}

/** The value at a path without `*`; undefined where there is none. */
export function valueAt(value: unknown, path: JsonPath): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || step === EVERY || !Object.hasOwn(found, step))
      return undefined;
    found = (found as Record<string, unknown>)[step];
  }
  return found;
}
