import { expect, test } from 'bun:test';
import { AppError } from '../../../../src/base/errors.ts';
import type { Column } from '../../../../src/domain/column.ts';
import {
  JOIN_TYPES,
  type ModelJoin,
  RELATIONSHIPS,
  type Relationship,
} from '../../../../src/domain/model.ts';
import type { QuerySpec } from '../../../../src/domain/query-spec.ts';
import { raw, render } from '../../../../src/sql/ast.ts';
import { duckdb } from '../../../../src/sql/dialects/duckdb.ts';
import type { ModelParts } from '../../../../src/sql/model/model-parts.ts';
import { overModel } from '../../../../src/sql/model/over-model.ts';
import { compileSpec } from '../../../../src/sql/spec.ts';
import { joined, type Row } from '../../../equality/model-data.ts';

/** A generator of whole numbers below a bound, the same for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const NAMES = ['id', 'key', 'often', 'x'] as const;
const COLUMNS: Column[] = NAMES.map((name) => ({ name, type: 'integer' }));
/** The columns by which each relationship is what it says: `key` has no value twice. */
const KEYS: Readonly<Record<Relationship, readonly [left: string, right: string]>> = {
  manyToOne: ['often', 'key'],
  oneToOne: ['key', 'key'],
  oneToMany: ['key', 'often'],
  manyToMany: ['often', 'often'],
};

const prefix = (table: number) => (table === 0 ? '' : `j${table}.`);
const rowsOf = (table: number, random: (below: number) => number): Row[] =>
  Array.from({ length: 6 }, (_, i) => ({
    [`${prefix(table)}id`]: i,
    [`${prefix(table)}key`]: i === 5 ? null : i,
    [`${prefix(table)}often`]: random(4) === 3 ? null : random(3),
    [`${prefix(table)}x`]: i + 1,
  }));

interface Drawn {
  parts: ModelParts;
  joins: ModelJoin[];
  spec: QuerySpec;
  /** The table whose rows are summed. */
  measured: number;
}

function draw(seed: number): Drawn {
  const random = randomOf(seed);
  const count = 1 + random(4);
  const joins = Array.from({ length: count }, (_, i): ModelJoin => {
    const relationship = RELATIONSHIPS[random(4)]!;
    const [left, right] = KEYS[relationship];
    const type = random(2) === 0 ? 'left' : JOIN_TYPES[random(4)]!;
    const on: ModelJoin['on'] = [[`${prefix(random(i + 1))}${left}`, `j${i + 1}.${right}`]];
    return { table: 't', as: `j${i + 1}`, type, relationship, on };
  });
  const measured = random(count + 1);
  const spec: QuerySpec = {
    from: { model: 'm' },
    dimensions: random(2) === 0 ? [] : [`${prefix(random(count + 1))}often`],
    measures: [{ agg: 'sum', field: `${prefix(measured)}x`, as: 'total' }],
    ...(random(3) === 0
      ? { where: { field: `${prefix(random(count + 1))}x`, op: 'gt', value: 1 } as const }
      : {}),
  };
  const part = { source: raw('t'), columns: COLUMNS, name: 't' };
  const parts = {
    definition: { from: {}, joins },
    base: part,
    joined: joins.map(() => part),
    saved: undefined,
  };
  return { parts, joins, spec, measured };
}

const BASE = { dialect: duckdb, timezone: 'UTC', weekStart: 'monday', nowMs: 0, ranges: [] } as const;

/** What the compiler says of a model: the tables that take part and its warnings, or that it refuses. */
function verdict({ parts, spec }: Drawn): { tables: number[]; warnings: string[] } | undefined {
  try {
    const { compiled, warnings } = overModel(spec, parts, { ...BASE, ranges: [] }, (asked, source, scope) => {
      compileSpec(asked, source, scope);
      return render(source, duckdb).text;
    });
    const tables = [...compiled.matchAll(/AS t(\d+) ON/g)].map(([, table]) => Number(table));
    return { tables, warnings };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error).toMatchObject({ code: 'query.unsupported', pointer: '/measures/0' });
    return undefined;
  }
}

/** In how many rows of the joined tables the most frequent row of the measured one stands. */
function mostOften(
  { joins, measured }: Drawn,
  tables: readonly number[],
  random: (below: number) => number,
): number {
  let rows = rowsOf(0, random);
  let names = Object.keys(rows[0]!);
  for (const table of tables) {
    const { type = 'left', on } = joins[table - 1]!;
    const right = rowsOf(table, random);
    const rightNames = Object.keys(right[0]!);
    rows = joined(rows, names, right, rightNames, { type, on: on as [string, string][] });
    names = [...names, ...rightNames];
  }
  const seen = new Map<unknown, number>();
  for (const row of rows) {
    const id = row[`${prefix(measured)}id`];
    if (id !== null && id !== undefined) seen.set(id, (seen.get(id) ?? 0) + 1);
  }
  return Math.max(0, ...seen.values());
}

test('whatever is joined to what: a row that is counted without a word is counted once', () => {
  const outcomes = { once: 0, warned: 0, refused: 0 };
  for (let seed = 1; seed <= 2000; seed++) {
    const drawn = draw(seed);
    const given = verdict(drawn);
    if (!given) outcomes.refused += 1;
    else if (given.warnings.length > 0) outcomes.warned += 1;
    else {
      outcomes.once += 1;
      const often = mostOften(drawn, given.tables, randomOf(seed + 0.5));
      expect([seed, Math.max(often, 1)]).toEqual([seed, 1]);
    }
  }
  for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(100);
});

test('what is refused, or said to come often, could be counted several times', () => {
  const found = { refused: 0, warned: 0 };
  for (let seed = 1; seed <= 600; seed++) {
    const drawn = draw(seed);
    const given = verdict(drawn);
    const tables = given?.tables ?? drawn.joins.map((_, i) => i + 1);
    if (given?.warnings.length === 0) continue;
    for (let data = 0; data < 40; data++) {
      if (mostOften(drawn, tables, randomOf(seed * 1000 + data)) < 2) continue;
      found[given ? 'warned' : 'refused'] += 1;
      break;
    }
  }
  expect(found.refused).toBeGreaterThan(50);
  expect(found.warned).toBeGreaterThan(20);
});
