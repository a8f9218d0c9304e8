import type { Relationship } from '../../domain/model.ts';
import type { QuerySpec } from '../../domain/query-spec.ts';
import { unknownField } from '../scope.ts';
import type { KeyPair } from './join-keys.ts';
import { columnsOf, type ModelName } from './model-names.ts';
import { inModel, type ModelParts } from './model-parts.ts';

/** What a join, or the model's primary key, says: no two rows of `table` have the same values in `columns`. */
export interface KeyClaim {
  /** The place of the join, and which of its sides it is; undefined for the primary key. */
  join: { place: number; side: 'left' | 'joined' } | undefined;
  /** The base is table 0, the i-th join table i + 1. */
  table: number;
  /** Names of columns as the table itself shows them. */
  columns: readonly string[];
}

const CLAIMS: Readonly<Record<Relationship, readonly ('left' | 'joined')[]>> = {
  manyToOne: ['joined'],
  oneToOne: ['joined', 'left'],
  oneToMany: ['left'],
  manyToMany: [],
};

/** Everything that the model says of keys, but for what follows from its primary key. Throws `query.field`. */
export function keyClaims(
  parts: ModelParts,
  names: ReadonlyMap<string, ModelName>,
  keys: readonly (readonly KeyPair[])[],
): KeyClaim[] {
  const { joins = [] } = parts.definition;
  const primary = primaryKey(parts, names);
  const follows = ({ table, columns }: KeyClaim) =>
    primary !== undefined && table === 0 && primary.columns.every((column) => columns.includes(column));
  const ofJoins = joins.flatMap(({ relationship = 'manyToOne' }, place) =>
    CLAIMS[relationship].map((side): KeyClaim => {
      const columns = keys[place]!.map((pair) => (side === 'left' ? pair.left : pair.right));
      const { table } = columns[0]!;
      const named = columns.map(({ index }) => columnsOf(parts, table)[index]!.name);
      return { join: { place, side }, table, columns: [...new Set(named)] };
    }),
  );
  const others = ofJoins.filter((claim) => !follows(claim));
  return primary ? [primary, ...others] : others;
}

function primaryKey(parts: ModelParts, names: ReadonlyMap<string, ModelName>): KeyClaim | undefined {
  const { primaryKey: key } = parts.definition;
  if (!key) return undefined;
  const base = [...names].filter(([, { table }]) => table === 0).map(([name]) => name);
  for (const [i, column] of key.entries())
    inModel(parts, `/primaryKey/${i}`, () => {
      if (!base.includes(column)) throw unknownField(column, base, `/primaryKey/${i}`);
    });
  return { join: undefined, table: 0, columns: key };
}

/** Asks for one key that several rows have, with their number as `n`; keys with a null match nothing. */
export function repeatedKey({ columns }: KeyClaim): Omit<QuerySpec, 'from'> {
  return {
    dimensions: columns.map((field, i) => ({ field, as: `k${i}` })),
    measures: [{ agg: 'count', as: 'n' }],
    where: { and: columns.map((field) => ({ field, op: 'isNotNull' })) },
    having: { field: 'n', op: 'gt', value: 1 },
    limit: 1,
  };
}
