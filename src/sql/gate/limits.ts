import { AppError } from '../../base/errors.ts';
import { type Place, refused } from './refusal.ts';

/** How large the parts of a statement over datasets may be. */
export interface StatementLimits {
  readonly joins: number;
  readonly queries: number;
  readonly groupingSets: number;
  readonly listItems: number;
  readonly seriesLength: number;
  readonly arrows: number;
  readonly patternBytes: number;
  readonly expansion: number;
  readonly valueBytes: number;
}

export const DEFAULT_LIMITS: StatementLimits = {
  joins: 50,
  queries: 200,
  groupingSets: 256,
  listItems: 4000,
  seriesLength: 1_000_000,
  arrows: 10,
  patternBytes: 1000,
  expansion: 50_000,
  valueBytes: 256 << 10,
};

/** The setting of each limit, and what is counted. */
const LIMITS: Readonly<
  Record<keyof StatementLimits, readonly [setting: string, counted: string, subject?: string]>
> = {
  joins: ['SQL_MAX_JOINS', 'joins'],
  queries: ['SQL_MAX_QUERIES', 'SELECTs, set operations and CTEs'],
  groupingSets: ['SQL_MAX_GROUPING_SETS', 'grouping sets'],
  listItems: ['SQL_MAX_LIST_ITEMS', 'items', 'A list'],
  seriesLength: ['SQL_MAX_SERIES_LENGTH', 'values', 'A series'],
  arrows: ['SQL_MAX_ARROWS', 'arrows (->) in a chain; use json_extract with a path'],
  patternBytes: ['SQL_MAX_PATTERN_BYTES', 'bytes, or repeats more than it may', 'A regular expression'],
  expansion: ['SQL_MAX_EXPANSION', 'parts after aliases, CASE operands, BETWEEN and * are expanded'],
  valueBytes: ['EXPRESSION_MAX_VALUE_BYTES', 'bytes', 'A value that the statement could make'],
};

const settingOf = (key: keyof StatementLimits) => LIMITS[key][0];

/** `query.refused` with `params.limit` and `params.most`. */
export function overLimit(key: keyof StatementLimits, limits: StatementLimits, place?: Place): AppError {
  const [limit, counted, subject = 'The statement'] = LIMITS[key];
  return new AppError('query.refused', `${subject} has more than ${limits[key]} ${counted}`, {
    pointer: '/sql',
    params: { reason: 'limit', limit, most: limits[key], ...place },
  });
}

/** A size that decides how much memory a call takes and that is not written in the statement. */
export function unbounded(what: string, key: keyof StatementLimits, remedy: string): AppError {
  const { code, params } = refused('unbounded', { what });
  return new AppError(code, `${what} may make a value of any size: ${remedy}`, {
    pointer: '/sql',
    params: { ...params, limit: settingOf(key) },
  });
}
