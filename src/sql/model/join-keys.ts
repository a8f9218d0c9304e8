import { AppError } from '../../base/errors.ts';
import type { ColumnType } from '../../domain/column.ts';
import { join, type Sql, sql } from '../ast.ts';
import type { Dialect } from '../dialect.ts';
import { nativeOf } from '../native.ts';
import { type Field, storedField, unknownField } from '../scope.ts';
import type { ModelName } from './model-names.ts';
import { aliasOf, columnsOf } from './model-names.ts';
import { inModel, type ModelParts } from './model-parts.ts';

/** Two columns that must be equal: of what stands before the join, and of the joined table. */
export interface KeyPair {
  left: ModelName;
  right: ModelName;
  /** As what they are compared. */
  type: ColumnType;
}

const isExact = (type: ColumnType) => type === 'integer' || type === 'decimal';

/** Values of one type are compared as they are, exact numbers with each other; what would have to be read as another type is refused. */
function comparedAs(left: ColumnType, right: ColumnType): ColumnType | undefined {
  if (left === 'json' || left === 'binary') return undefined;
  if (left === right) return left;
  return isExact(left) && isExact(right) ? 'decimal' : undefined;
}

function pairOf(
  [leftName, rightName]: readonly [string, string],
  table: number,
  names: ReadonlyMap<string, ModelName>,
  parts: ModelParts,
  pointer: string,
): KeyPair {
  const known = (wanted: (at: number) => boolean) =>
    [...names].filter(([, name]) => wanted(name.table)).map(([name]) => name);
  const left = names.get(leftName);
  if (!left || left.table >= table)
    throw unknownField(
      leftName,
      known((at) => at < table),
      `${pointer}/0`,
    );
  const right = names.get(rightName);
  if (!right || right.table !== table) {
    const example = columnsOf(parts, table)[0]?.name ?? 'column';
    const alias = aliasOf(parts, table);
    throw new AppError(
      'query.field',
      `${JSON.stringify(rightName)} is no column of the joined table; they are called as in ${JSON.stringify(`${alias}.${example}`)}`,
      { pointer: `${pointer}/1`, params: { field: rightName, join: alias } },
    );
  }
  const type = comparedAs(left.column.type, right.column.type);
  if (type) return { left, right, type };
  throw new AppError(
    'query.type',
    `${JSON.stringify(leftName)} (${left.column.type}) and ${JSON.stringify(rightName)} (${right.column.type}) cannot be compared exactly`,
    { pointer, params: { left: left.column.type, right: right.column.type } },
  );
}

/** The keys of every join. Throws `query.field`, `query.type`, `request.invalid`. */
export function joinKeys(parts: ModelParts, names: ReadonlyMap<string, ModelName>): readonly KeyPair[][] {
  return (parts.definition.joins ?? []).map(({ on, relationship = 'manyToOne' }, i) =>
    inModel(parts, `/joins/${i}/on`, () => {
      const pairs = on.map((pair, k) => pairOf(pair, i + 1, names, parts, `/joins/${i}/on/${k}`));
      const needsOne = relationship === 'oneToOne' || relationship === 'oneToMany';
      if (needsOne && new Set(pairs.map(({ left }) => left.table)).size > 1)
        throw new AppError(
          'request.invalid',
          `The fields of a ${relationship} join are those of one table; these are of several`,
          { pointer: `/joins/${i}/on` },
        );
      return pairs;
    }),
  );
}

/** The side of a comparison that may use an index. */
function indexedSide({ sql: value, column, stored }: Field, { left, right }: KeyPair, dialect: Dialect): Sql {
  const { isComparable, moments } = nativeOf(column, dialect) ?? {};
  const isSame = left.column.nativeType === right.column.nativeType;
  return stored && (isComparable || (isSame && moments?.exactly)) ? stored : value;
}

/** Equality as the language has it, in forms of which one can use an index. */
export function keysEqual(
  pairs: readonly KeyPair[],
  left: (name: ModelName) => Sql,
  right: (name: ModelName) => Sql,
  dialect: Dialect,
): Sql {
  const tests = pairs.flatMap((pair) => {
    const of = (value: Sql) => (pair.type === 'float' ? dialect.withOneZero(value) : value);
    const sides = [
      storedField(left(pair.left), pair.left.column, dialect),
      storedField(right(pair.right), pair.right.column, dialect),
    ];
    const [a, b] = sides.map((side) => of(side.sql)) as [Sql, Sql];
    const [c, d] = sides.map((side) => of(indexedSide(side, pair, dialect))) as [Sql, Sql];
    return dialect
      .equalityForms(pair.type, [a, b])
      .map((form, i) => (i === 0 ? sql`${form(c)} = ${form(d)}` : sql`${form(a)} = ${form(b)}`));
  });
  return join(tests, ' AND ');
}
