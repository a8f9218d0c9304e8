import { openPostgres } from '../../../src/drivers/postgres/driver.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import type { TypeCase } from './contract-engine.ts';
import { describeDriver } from './describe-driver.ts';
import { ODD_NAMES } from './introspection.ts';

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

const TYPES: readonly TypeCase[] = [
  ['9007199254740993::int8', 'integer', '9007199254740993'],
  ['(-9223372036854775808)::int8', 'integer', '-9223372036854775808'],
  ['9007199254740991::int8', 'integer', 9007199254740991],
  ['(-32768)::int2', 'integer', -32768],
  ['4294967295::oid', 'integer', 4294967295],
  ['1234567890123456789012345678.9012345678::numeric', 'decimal', '1234567890123456789012345678.9012345678'],
  ['90071992547409.91::numeric(20,2)', 'decimal', '90071992547409.91'],
  ['90071992547409.92::numeric(20,2)', 'decimal', '90071992547409.92'],
  ['(-0.01)::numeric(5,2)', 'decimal', '-0.01'],
  ["'NaN'::numeric", 'decimal', 'NaN'],
  ["'-Infinity'::numeric", 'decimal', '-Infinity'],
  ["'-92233720368547758.08'::money", 'decimal', '-92233720368547758.08'],
  ["'1234.5'::money", 'decimal', '1234.50'],
  ['0.1::float4', 'float', 0.1],
  ["'NaN'::float8", 'float', Number.NaN],
  ["'Infinity'::float8", 'float', Number.POSITIVE_INFINITY],
  ["'-Infinity'::float4", 'float', Number.NEGATIVE_INFINITY],
  ['1e-300::float8', 'float', 1e-300],
  ['true', 'boolean', true],
  ['false', 'boolean', false],
  ["date '2024-02-29'", 'date', '2024-02-29'],
  ["date '12024-01-01'", 'date', '12024-01-01'],
  ["date '0044-03-15 BC'", 'date', '0044-03-15 (BC)'],
  ["date 'infinity'", 'date', 'infinity'],
  ["time '23:59:59.999999'", 'time', '23:59:59.999999'],
  ["timetz '10:00:00+05:30'", 'text', '10:00:00+05:30'],
  ["timestamp '2024-01-02 03:04:05.600000'", 'timestamp', '2024-01-02T03:04:05.6'],
  ["timestamp '12024-01-02 03:04:05'", 'timestamp', '12024-01-02T03:04:05'],
  ["timestamp '0044-03-15 10:00:00 BC'", 'timestamp', '0044-03-15T10:00:00 (BC)'],
  ["timestamptz '2024-01-02 03:04:05.000001+05:30'", 'timestamptz', '2024-01-01T21:34:05.000001Z'],
  ["timestamptz '-infinity'", 'timestamptz', '-infinity'],
  ["timestamptz '0044-03-15 10:00:00+00 BC'", 'timestamptz', '0044-03-15T10:00:00Z (BC)'],
  ["interval '1 year 2 days 03:04:05.5'", 'text', '1 year 2 days 03:04:05.5'],
  ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", 'uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  [`'{"a": 1.10}'::json`, 'json', '{"a": 1.10}'],
  [`'{"b":2,"a":9007199254740993}'::jsonb`, 'json', '{"a": 9007199254740993, "b": 2}'],
  ["'\\x00ff10'::bytea", 'binary', '3 bytes'],
  ["''::bytea", 'binary', '0 bytes'],
  ["b'0101'", 'text', '0101'],
  ["'sad'::mood", 'text', 'sad'],
  ["'5'::small", 'integer', 5],
  ["array['sad', null]::mood[]", 'json', '["sad",null]'],
  ['array[[1,2],[3,null]]', 'json', '[[1,2],[3,null]]'],
  ["'[0:1]={1,2}'::int[]", 'json', '[1,2]'],
  [`array['a"b', 'c\\d', 'NULL', '', 'x,y', '{z}']`, 'json', '["a\\"b","c\\\\d","NULL","","x,y","{z}"]'],
  ["array[1.10, 'NaN']::numeric[]", 'json', '[1.10,"NaN"]'],
  ['array[true, false]', 'json', '[true,false]'],
  ["array['2024-01-02 03:04:05']::timestamp[]", 'json', '["2024-01-02T03:04:05"]'],
  [`array['{"a":1}']::jsonb[]`, 'json', '[{"a": 1}]'],
  ["array['(0,0),(1,1)']::box[]", 'json', '["(1,1),(0,0)"]'],
  ["'{}'::text[]", 'json', '[]'],
  ['array[1.5::money]', 'json', '[1.50]'],
  ['int4range(1, 5)', 'text', '[1,5)'],
  ["'10.0.0.1/8'::inet", 'text', '10.0.0.1/8'],
  ["'ab '::char(4)", 'text', 'ab'],
  ['row(1, null)', 'text', '(1,)'],
  ['null', 'text', null],
];

describeDriver({
  name: 'postgres',
  start: startPostgres,
  open: openPostgres,
  schema: 'public',
  quote,
  text: (value) => `'${value.replaceAll("'", "''")}'`,
  setUp: ({ admin, password }) =>
    void admin(`
      create role reporter login password '${password}'; create role stranger login password '${password}';
      grant pg_read_all_data to reporter;
      create type mood as enum ('sad', 'ok'); create domain small as int check (value < 10);
      create table items (id int primary key, price numeric(12,2), name text not null, big int8, flag boolean);
      comment on table items is 'Things for sale'; comment on column items.price is 'Without tax';
      insert into items values (1, 1.50, 'one', 9007199254740993, true), (2, 2.00, 'two', 2, false);
      create view item_names as select name from items;
      create table order_lines (item int references items, number int, primary key (number, item));
      create table texts (t text); create table open_to_all (a int); grant select on open_to_all to stranger;
      create schema hidden; create table hidden.secrets (a int);
      create table parted (a int) partition by range (a); create table parted_1 partition of parted for values from (0) to (9);
      ${ODD_NAMES.map((name) => `create table ${quote(name)} (${quote(name)} int, value int); insert into ${quote(name)} values (0, 1)`).join(';')};
      analyze items`),
  placeholder: (index) => `$${index}`,
  numbers: (count) => `select generate_series(1, ${count}) as n`,
  sleep: (seconds) => `select pg_sleep(${seconds})`,
  runningCount: `select count(*) from pg_stat_activity where usename = 'reporter' and state = 'active'`,
  connectionCount: `select count(*) from pg_stat_activity where usename = 'reporter'`,
  killAll: ({ admin }) =>
    void admin(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'reporter'`),
  types: TYPES,
  typesFrom: '',
  writes: [
    'insert into items values (3)',
    'with x as (delete from items returning *) select * from x',
    'truncate items',
    'create temporary table t (a int)',
    'set session characteristics as transaction read write',
    "select set_config('default_transaction_read_only', 'off', false)",
    "select set_config('transaction_read_only', 'off', false)",
    'set transaction read write',
    'commit',
    'rollback',
    'select 1; delete from items',
    'commit; delete from items',
    'do $$ begin delete from items; end $$',
    "copy items from program 'true'",
    'select * into stolen from items',
    'vacuum',
  ],
  leftovers: [
    ["select set_config('search_path', 'hidden', false)", 'show search_path', '"$user", public'],
    ["select set_config('timezone', 'Asia/Tokyo', false)", 'show timezone', 'UTC'],
    [
      "select set_config('default_transaction_read_only', 'off', false)",
      'show default_transaction_read_only',
      'on',
    ],
  ],
  faults: [
    ['selec secret', 'query.syntax', /character 1/],
    ["select * from secret_table where a = 'secret'", 'query.failed', /table that does not exist.*character/],
    ['select secret from items', 'query.failed', /column that does not exist/],
    ['select secret(1)', 'query.failed', /function/],
    ['select 1 / 0', 'query.failed', /divides by zero/],
    ['select 2147483647 + 1', 'query.failed', /out of the range/],
    ["select cast('secret' as int)", 'query.failed', /valid value/],
    ["select cast('secret' as date)", 'query.failed', /date/],
    ['select name from items group by id having secret', 'query.failed', /column/],
    ['select name, count(*) from items', 'query.failed', /grouped/],
    ['delete from items', 'query.refused', /read-only/],
    ['', 'query.refused', /yields no/],
  ],
});
