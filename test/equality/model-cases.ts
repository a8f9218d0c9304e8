import { JOIN_TYPES, type ModelDefinition } from '../../src/domain/model.ts';
import type { Cell } from './engines.ts';
import { type Joining, joined, type Row, rowsOf, TABLES, type Table, unpivoted } from './model-data.ts';

type Tables = Record<string, Table>;

export interface ModelCase {
  title: string;
  definition: Omit<ModelDefinition, 'from'>;
  /** By the aliases of the joins. */
  joins: Tables;
  /** What the model's rows must be, computed columns among them. */
  rows: Row[];
  /** Fields to group by, and those that are summed and counted. */
  groups: string[];
  inputs: string[];
}

const named = (alias: string, table: Table) => table.columns.map(({ name }) => `${alias}.${name}`);

interface Step extends Joining {
  as: string;
  table: Table;
}

function joinAll(base: Row[], steps: readonly Step[]): Row[] {
  let names = Object.keys(base[0]!);
  let rows = base;
  for (const { as, table, ...how } of steps) {
    rows = joined(rows, names, rowsOf(table, as), named(as, table), how);
    names = [...names, ...named(as, table)];
  }
  return rows;
}

type Relationship = NonNullable<ModelDefinition['joins']>[number]['relationship'];

function caseOf(
  title: string,
  steps: readonly (Step & { relationship?: Relationship })[],
  more: Pick<ModelCase, 'groups' | 'inputs'> & {
    base?: Row[];
    definition?: Partial<ModelDefinition>;
    computed?: Record<string, (row: Row) => Cell>;
    keep?: (row: Row) => boolean;
  },
): ModelCase {
  const { base = rowsOf(TABLES.orders), definition = {}, computed = {}, keep = () => true } = more;
  const rows = joinAll(base, steps)
    .map((row) => {
      const made: Record<string, Cell> = { ...row };
      for (const [name, make] of Object.entries(computed)) made[name] = make(made);
      return made;
    })
    .filter(keep);
  return {
    title,
    definition: {
      joins: steps.map(({ as, type, on, relationship }) => ({
        ...{ table: as, as, type, on },
        ...(relationship ? { relationship } : {}),
      })),
      ...definition,
    },
    joins: Object.fromEntries(steps.map(({ as, table }) => [as, table])),
    rows,
    groups: more.groups,
    inputs: more.inputs,
  };
}

const { customers, countries, lines, months } = TABLES;
const cents = (value: Cell) => Math.round(Number(value) * 100);
const decimal = (hundredths: number) =>
  `${hundredths < 0 ? '-' : ''}${Math.floor(Math.abs(hundredths) / 100)}.${String(Math.abs(hundredths) % 100).padStart(2, '0')}`;

const byNumber = (type: Joining['type']): Step => ({
  ...{ as: 'c', table: customers, type, on: [['customer', 'c.id']] },
});

const JOINED = JOIN_TYPES.flatMap((type): ModelCase[] => [
  caseOf(`${type} by numbers`, [byNumber(type)], { groups: ['c.country'], inputs: ['amount'] }),
  caseOf(`${type} by texts`, [{ as: 'by code', table: customers, type, on: [['code', 'by code.code']] }], {
    groups: ['by code.country', 'code'],
    inputs: ['amount', 'by code.credit'],
  }),
  caseOf(
    `${type} by two columns`,
    [
      {
        ...{ as: 'c', table: customers, type },
        on: [
          ['customer', 'c.id'],
          ['code', 'c.code'],
        ],
      },
    ],
    { groups: ['c.country', 'code'], inputs: ['amount'] },
  ),
  ...JOIN_TYPES.map((second) =>
    caseOf(
      `${type}, then ${second}`,
      [byNumber(type), { as: 'k', table: countries, type: second, on: [['c.country', 'k.name']] }],
      { groups: ['k.zone', 'c.country'], inputs: ['amount'] },
    ),
  ),
  caseOf(
    `${type} one to many`,
    [
      { as: 'l', table: lines, type, on: [['id', 'l.order']], relationship: 'oneToMany' },
      { as: 'c', table: customers, type: 'left', on: [['customer', 'c.id']] },
    ],
    { groups: ['l.product', 'c.country'], inputs: ['l.qty'] },
  ),
  caseOf(`${type} with computed columns under a filter`, [byNumber(type)], {
    groups: ['where from', 'size'],
    inputs: ['double'],
    definition: {
      columns: [
        {
          name: 'size',
          expr: "case when double > 100 then 'big' when double is null then null else 'small' end",
        },
        { name: 'double', expr: 'amount * 2' },
        { name: 'where from', expr: `coalesce(c.country, 'nowhere') || '/' || coalesce(code, '?')` },
      ],
      where: {
        or: [
          { field: 'size', op: 'ne', value: 'small' },
          { field: 'c.credit', op: 'gt', value: 150 },
        ],
      },
    },
    computed: {
      double: (row) => (row.amount === null ? null : decimal(2 * cents(row.amount!))),
      size: ({ double }) => (double === null ? null : Number(double) > 100 ? 'big' : 'small'),
      'where from': (row) => `${row['c.country'] ?? 'nowhere'}/${row.code ?? '?'}`,
    },
    keep: (row) => row.size !== 'small' || Number(row['c.credit'] ?? 0) > 150,
  }),
]);

const UNPIVOTED = [true, false].flatMap((keepNulls): ModelCase[] => {
  const unpivot = { columns: ['jan', 'feb', 'mar'], name: 'month', value: 'pieces', keepNulls };
  const base = unpivoted(rowsOf(TABLES.orders), unpivot);
  const month: Step = { as: 'm', table: months, type: 'full', on: [['month', 'm.name']] };
  return [
    caseOf(`unpivoted, ${keepNulls ? 'with' : 'without'} nulls`, [], {
      ...{ base, definition: { unpivot }, groups: ['month', 'code'], inputs: ['pieces', 'amount'] },
    }),
    ...JOIN_TYPES.map((type) =>
      caseOf(
        `unpivoted, ${keepNulls ? 'with' : 'without'} nulls, ${type}`,
        [{ ...month, type }, byNumber('left')],
        {
          base,
          definition: { unpivot, columns: [{ name: 'twice', expr: 'pieces * 2 + m.number' }] },
          computed: {
            twice: (row) =>
              row.pieces === null || row['m.number'] === null
                ? null
                : Number(row.pieces) * 2 + Number(row['m.number']),
          },
          groups: ['month', 'c.country'],
          inputs: ['pieces', 'twice'],
        },
      ),
    ),
  ];
});

export const MODEL_CASES: readonly ModelCase[] = [...JOINED, ...UNPIVOTED];
