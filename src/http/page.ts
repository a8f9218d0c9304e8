import Type from 'typebox';
import { AppError } from '../base/errors.ts';

/** Query parameters of every list. */
export const PageQuery = {
  limit: Type.Optional(Type.String({ maxLength: 10, description: '1 to 500; default 50' })),
  cursor: Type.Optional(Type.String({ maxLength: 200, description: '`nextCursor` of the page before' })),
};

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

const invalid = (name: string, what: string) =>
  new AppError('request.invalid', `The query parameter ${name} ${what}`, {
    pointer: `/${name}`,
    params: { in: 'query' },
  });

function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_LIMIT) throw invalid('limit', `must be a whole number from 1 to ${MAX_LIMIT}`);
  return limit;
}

/** A cursor is the place of the last item, in base64url, so that nobody builds one. */
function readCursor(text: string | undefined, place: RegExp): string | undefined {
  if (text === undefined) return undefined;
  const decoded = Buffer.from(text, 'base64url').toString();
  if (!place.test(decoded)) throw invalid('cursor', 'is not one that this list gave');
  return decoded;
}

/**
 * One page: `fetch` gets one more than the page holds, to see whether another follows, and the place after which to go on.
 * Throws AppError `request.invalid` for a bad limit or a cursor whose place does not look like `place`.
 */
export async function pageOf<T>(
  query: { limit?: string; cursor?: string },
  place: RegExp,
  placeOf: (item: T) => string,
  fetch: (limit: number, after: string | undefined) => Promise<T[]>,
): Promise<Page<T>> {
  const limit = readLimit(query.limit);
  const found = await fetch(limit + 1, readCursor(query.cursor, place));
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const isMore = found.length > limit && last !== undefined;
  return { items, nextCursor: isMore ? Buffer.from(placeOf(last)).toString('base64url') : null };
}
