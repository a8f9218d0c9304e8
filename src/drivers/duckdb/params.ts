import { DOUBLE, type DuckDBType } from '@duckdb/node-api';
import type { Param } from '../../domain/statement.ts';

/** Types to bind values with; the library binds every whole number as a 64-bit integer and fails where it is none. */
export const boundTypes = (params: readonly Param[]): DuckDBType[] =>
  params.map((value) =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? DOUBLE : undefined,
  ) as DuckDBType[];
