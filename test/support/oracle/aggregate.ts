import type { Measure } from '../../../src/domain/query-spec.ts';
import { fits, type Names } from './filter.ts';
import { asFloat, compareValues, keyOf, type OracleColumn, type Row, type Value } from './values.ts';

export interface OracleMeasure {
  column: OracleColumn;
  agg: string;
  /** Over the rows of one cell; at least one. */
  of(rows: readonly Row[]): Value;
}

function sumOf(values: readonly Value[]): Value {
  if (values.length === 0) return null;
  if (typeof values[0] === 'bigint')
    return values.reduce<bigint>((sum, value) => sum + (value as bigint), 0n);
  return values.reduce<number>((sum, value) => sum + (value as number), 0);
}

function extreme(values: readonly Value[], sign: 1 | -1): Value {
  return values.reduce<Value>(
    (best, value) => (best === null || compareValues(value, best) * sign > 0 ? value : best),
    null,
  );
}

function medianOf(values: readonly Value[], column: OracleColumn): Value {
  if (values.length === 0) return null;
  const sorted = values.map((value) => asFloat(value, column)).sort(compareValues);
  const middle = (sorted.length - 1) / 2;
  return sorted[Math.floor(middle)]! / 2 + sorted[Math.ceil(middle)]! / 2;
}

function averageOf(values: readonly Value[], column: OracleColumn): Value {
  const sum = sumOf(values);
  return sum === null ? null : asFloat(sum, column) / values.length;
}

const COUNTS = ['count', 'countDistinct'];
const FLOATS = ['avg', 'median'];

export function measureOf(measure: Measure, names: Names): OracleMeasure {
  const { agg = '', field } = measure;
  const column = names.columns.get(field ?? '') ?? { name: '', type: 'integer' };
  const kept = (rows: readonly Row[]) => rows.filter((row) => fits(measure.where, row, names));
  const valuesOf = (rows: readonly Row[]): Value[] =>
    kept(rows)
      .map((row) => (field === undefined ? true : row[field]!))
      .filter((value) => value !== null);
  const rules: Readonly<Record<string, (values: readonly Value[]) => Value>> = {
    count: (values) => BigInt(values.length),
    countDistinct: (values) => BigInt(new Set(values.map(keyOf)).size),
    sum: sumOf,
    avg: (values) => averageOf(values, column),
    min: (values) => extreme(values, -1),
    max: (values) => extreme(values, 1),
    median: (values) => medianOf(values, column),
  };
  const type = COUNTS.includes(agg) ? 'integer' : FLOATS.includes(agg) ? 'float' : column.type;
  return {
    agg,
    column: {
      name: measure.as ?? (field === undefined ? agg : `${agg}_${field}`),
      type,
      ...(type === 'decimal' ? { scale: column.scale! } : {}),
    },
    of: (rows) => rules[agg]!(valuesOf(rows)),
  };
}
