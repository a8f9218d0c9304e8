import type { ZoneTable } from './zone-table.ts';

export interface DialectOptions {
  /** `exact`: case, accents and trailing spaces of text count; `database`: the collation decides what is equal. */
  textComparison: 'exact' | 'database';
  /** Whether the server has arrays, where its protocol's engine has them. */
  hasArrays?: boolean;
  /** Offsets of the zones that engines are not asked about. */
  zones: ZoneTable;
}
