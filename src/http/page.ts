import Type from 'typebox';
import { AppError } from '../base/errors.ts';

const DEFAULT_LIMIT = 50;

/** Query parameters of every list. */
export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: DEFAULT_LIMIT })),
  cursor: Type.Optional(Type.String({ maxLength: 200, description: '`nextCursor` of the page before' })),
};

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** A cursor is the place of the last item, in base64url, so that nobody builds one. */
function readCursor(text: string | undefined, place: RegExp): string | undefined {
  if (text === undefined) return undefined;
  const decoded = Buffer.from(text, 'base64url').toString();
  if (!place.test(decoded))
    throw new AppError('request.invalid', 'The query parameter cursor is not one that this list gave', {
      pointer: '/cursor',
      params: { in: 'query' },
    });
  return decoded;
}

/**
 * One page: `fetch` gets one more than the page holds, to see whether another follows, and the place after which to go on.
 * Throws AppError `request.invalid` for a cursor whose place does not look like `place`.
 */
export async function pageOf<T>(
  query: { limit?: number; cursor?: string },
  place: RegExp,
  placeOf: (item: T) => string,
  fetch: (limit: number, after: string | undefined) => Promise<T[]>,
): Promise<Page<T>> {
  const { limit = DEFAULT_LIMIT } = query;
  const found = await fetch(limit + 1, readCursor(query.cursor, place));
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const isMore = found.length > limit && last !== undefined;
  return { items, nextCursor: isMore ? Buffer.from(placeOf(last)).toString('base64url') : null };
}
