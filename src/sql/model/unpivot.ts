import { AppError } from '../../base/errors.ts';
import { type Column, type ColumnType, isNumeric, type SourceColumn } from '../../domain/column.ts';
import type { Unpivot } from '../../domain/model.ts';
import { ident, join, raw, type Sql, sql } from '../ast.ts';
import type { Dialect } from '../dialect.ts';
import { plainColumn, readColumn } from '../native.ts';
import { nearNames } from '../near-names.ts';
import type { ModelParts } from './model-parts.ts';

/** The type that holds the values of both: exact numbers stay exact, nothing else mixes. */
function commonType(a: ColumnType, b: ColumnType): ColumnType | undefined {
  if (a === b) return a;
  if (!isNumeric(a) || !isNumeric(b)) return undefined;
  return a === 'float' || b === 'float' ? 'float' : 'decimal';
}

function valueColumn({ columns, value }: Unpivot, base: readonly Column[]): Column {
  const found = columns.map((name, i) => {
    const column = base.find((each) => each.name === name);
    if (column) return column;
    const near = nearNames(
      name,
      base.map((each) => each.name),
    );
    throw new AppError('query.field', `There is no field ${JSON.stringify(name)}`, {
      pointer: `/unpivot/columns/${i}`,
      params: { field: name, near },
    });
  });
  let type = found[0]!.type;
  for (const [i, column] of found.entries()) {
    const common = commonType(type, column.type);
    if (!common)
      throw new AppError(
        'query.type',
        `The values of ${JSON.stringify(found[0]!.name)} (${found[0]!.type}) and ${JSON.stringify(column.name)} (${column.type}) do not go into one column`,
        { pointer: `/unpivot/columns/${i}`, params: { field: column.name, type: column.type } },
      );
    type = common;
  }
  const scales = found.map((column) => (column.type === 'integer' ? 0 : column.scale));
  const isKnown = type === 'decimal' && !scales.includes(undefined);
  return { name: value, type, ...(isKnown ? { scale: Math.max(...(scales as number[])) } : {}) };
}

/** The base's columns as the model sees them: with an unpivot those that are left, then the column of names, then that of values. */
export function unpivotedColumns({ definition: { unpivot }, base }: ModelParts): readonly SourceColumn[] {
  if (!unpivot) return base.columns;
  const gone = new Set(unpivot.columns);
  if (gone.size < unpivot.columns.length)
    throw new AppError('query.ambiguous', 'A column is unpivoted twice', { pointer: '/unpivot/columns' });
  const value = valueColumn(unpivot, base.columns);
  return [...base.columns.filter(({ name }) => !gone.has(name)), { name: unpivot.name, type: 'text' }, value];
}

const outer = (index: number) => raw(`u${index}`);

/** How the columns of an unpivoted base are called in its SQL. */
export const unpivotedName = outer;

/** The place of each row's column; read as numbers, so that the base is read once. */
const places = (count: number) =>
  join(
    Array.from({ length: count }, (_, k) => raw(k === 0 ? 'SELECT 0 AS k' : `SELECT ${k}`)),
    ' UNION ALL ',
  );

function chosen(values: readonly Sql[]): Sql {
  const branches = values.map((value, k) => sql`WHEN ${raw(String(k))} THEN ${value}`);
  return sql`CASE n.k ${join(branches, ' ')} END`;
}

/**
 * The base with a row for each unpivoted column, as something to read from without an alias; `wanted` are the places, among the columns that
 * the model sees, that are read.
 */
export function unpivotedSource(
  parts: ModelParts,
  unpivot: Unpivot,
  wanted: readonly number[],
  dialect: Dialect,
): Sql {
  const columns = unpivotedColumns(parts);
  const [nameAt, valueAt] = [columns.length - 2, columns.length - 1];
  const value = columns[valueAt]!;
  const values = unpivot.columns.map((name) => {
    const column = parts.base.columns.find((each) => each.name === name)!;
    const read = readColumn(sql`b.${ident(name)}`, column, dialect);
    const plain = plainColumn(read, column, dialect);
    return value.type === 'float' && column.type !== 'float' ? dialect.asFloat(plain) : plain;
  });
  const expression = (index: number): Sql => {
    if (index === nameAt) return chosen(unpivot.columns.map((name) => dialect.given.text(name)));
    return index === valueAt ? chosen(values) : sql`b.${ident(columns[index]!.name)}`;
  };
  const taken = wanted.map((index) => sql`${expression(index)} AS ${outer(index)}`);
  const list = taken.length > 0 ? join(taken, ', ') : raw('1 AS u');
  const kept = unpivot.keepNulls ? raw('') : sql` WHERE ${chosen(values)} IS NOT NULL`;
  return sql`(SELECT ${list} FROM ${parts.base.source} AS b CROSS JOIN (${places(values.length)}) AS n${kept})`;
}
