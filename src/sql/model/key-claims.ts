import type { Relationship } from '../../domain/model.ts';
import type { QuerySpec } from '../../domain/query-spec.ts';
import type { KeyPair } from './join-keys.ts';
import { columnsOf } from './model-names.ts';
import type { ModelParts } from './model-parts.ts';

/** What a join says of its keys: no two rows of `table` have the same values in `columns`. */
export interface KeyClaim {
  /** The place of the join. */
  join: number;
  side: 'left' | 'joined';
  /** The base is table 0, the i-th join table i + 1. */
  table: number;
  /** Names of columns as the table itself shows them. */
  columns: readonly string[];
}

const CLAIMS: Readonly<Record<Relationship, readonly KeyClaim['side'][]>> = {
  manyToOne: ['joined'],
  oneToOne: ['joined', 'left'],
  oneToMany: ['left'],
  manyToMany: [],
};

/** Everything that the joins say of their keys. */
export function keyClaims(parts: ModelParts, keys: readonly (readonly KeyPair[])[]): KeyClaim[] {
  return (parts.definition.joins ?? []).flatMap(({ relationship = 'manyToOne' }, i) =>
    CLAIMS[relationship].map((side): KeyClaim => {
      const names = keys[i]!.map((pair) => (side === 'left' ? pair.left : pair.right));
      const { table } = names[0]!;
      const columns = [...new Set(names.map(({ index }) => columnsOf(parts, table)[index]!.name))];
      return { join: i, side, table, columns };
    }),
  );
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
