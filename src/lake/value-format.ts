import type { ColumnType } from '../domain/column.ts';
import { literal } from './sql-text.ts';

export type DateOrder = 'day' | 'month';

/**
 * A way to write values of a type. `shape` is a quick test in JS that only rules out; `test` decides, in SQL, for one trimmed text;
 * `cast` gives the value of a text that passed.
 */
export interface ValueFormat {
  id: string;
  type: ColumnType;
  shape: { test(text: string): boolean };
  test(text: string): string;
  cast(text: string): string;
  /** In SQL, of a text that passed: whether it is likely meant so. A column is read this way unasked only if all its values are. */
  plausible?(text: string): string;
  /** Of a date in digits, what comes first; the formats of one `pair` differ in nothing else. */
  order?: DateOrder;
  pair?: string;
  hasShortYear?: boolean;
}

export const matches = (text: string, pattern: string) => `regexp_full_match(${text}, ${literal(pattern)})`;
