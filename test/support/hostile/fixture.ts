import type { Engine } from '../../../src/sql/dialect.ts';

const TYPES: Record<
  'postgres' | 'mysql' | 'duckdb',
  { tags: string; tag: string; text: string; time: string }
> = {
  postgres: { tags: ', tags text[]', tag: `, array['x','y']`, text: 'text', time: 'timestamp' },
  mysql: { tags: '', tag: '', text: 'varchar(100)', time: 'datetime' },
  duckdb: { tags: '', tag: '', text: 'text', time: 'timestamp' },
};

const ORDERS = [
  `1, 1, 'EU', 'web', 'paid', 120.50, 3, '2025-01-01 10:00:00', 'abc def', '{"a":1,"b":"x"}'`,
  `2, 1, 'EU', 'shop', 'new', 9.99, 1, '2025-01-02 23:59:59', null, '{"a":2}'`,
  `3, 2, 'US', 'web', 'shipped', 1000.00, 12, '2025-02-28 00:00:00', 'Ébc', '{}'`,
  `4, 3, 'US', 'shop', 'paid', 55.25, 5, '2025-03-31 12:30:00', '50% off', '{"a":null}'`,
  `5, null, 'MEA', 'web', 'paid', 0.01, 7, '2024-12-31 08:15:00', 'نص', '{"c":{"d":1}}'`,
];
const CUSTOMERS = [
  `1, 'Amal', 'EG', '2024-01-01', null`,
  `2, 'Bo', 'US', '2024-06-01', 1`,
  `3, 'Ché', 'EG', '2025-01-15', 1`,
];

/** What the ordinary statements read. */
export function fixtureOf(engine: Exclude<Engine, 'mssql'>): string[] {
  const { tags, tag, text, time } = TYPES[engine];
  return [
    `create table orders (id integer, customer_id integer, region ${text}, channel ${text}, status ${text}, amount decimal(12, 2),
      qty integer, ordered_at ${time}, note ${text}, data ${engine === 'duckdb' ? 'json' : engine === 'postgres' ? 'jsonb' : 'longtext'}${tags})`,
    `create table customers (id integer, name ${text}, country ${text}, joined date, boss_id integer)`,
    ...ORDERS.map((row) => `insert into orders values (${row}${tag})`),
    ...CUSTOMERS.map((row) => `insert into customers values (${row})`),
  ];
}

/** A value for each parameter of the ordinary statements. */
export const PARAMS: Readonly<Record<string, string | number>> = {
  status: 'paid',
  low: 1,
  high: 500,
  region: 'EU',
  label: 'x',
  name: 'amal',
  n: 3,
  grain: 'month',
  p: 'p',
};
