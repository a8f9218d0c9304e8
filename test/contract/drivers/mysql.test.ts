import { openMysql } from '../../../src/drivers/mysql/driver.ts';
import { startMariadb } from '../../support/mariadb-server.ts';
import type { TypeCase } from './contract-engine.ts';
import { describeDriver } from './describe-driver.ts';
import { ODD_NAMES } from './introspection.ts';

const quote = (name: string) => `\`${name.replaceAll('`', '``')}\``;

/** Types that only a column can have stand in the table `typed`. */
const COLUMNS: readonly (readonly [
  definition: string,
  value: string,
  type: TypeCase[1],
  shown: TypeCase[2],
])[] = [
  ['bigint', '9007199254740993', 'integer', '9007199254740993'],
  ['bigint', '-9223372036854775808', 'integer', '-9223372036854775808'],
  ['bigint', '9007199254740991', 'integer', 9007199254740991],
  ['bigint unsigned', '18446744073709551615', 'integer', '18446744073709551615'],
  ['int unsigned', '4294967295', 'integer', 4294967295],
  ['mediumint', '-8388608', 'integer', -8388608],
  ['smallint', '-32768', 'integer', -32768],
  ['tinyint', '-128', 'integer', -128],
  ['tinyint unsigned', '255', 'integer', 255],
  ['tinyint(1)', '5', 'integer', 5],
  ['tinyint(1)', '0', 'integer', 0],
  ['bit(1)', "b'1'", 'boolean', true],
  ['bit(5)', "b'00101'", 'text', '00101'],
  ['bit(12)', "b'100000000001'", 'text', '100000000001'],
  ['year', '2024', 'integer', 2024],
  [
    'decimal(38,10)',
    '1234567890123456789012345678.9012345678',
    'decimal',
    '1234567890123456789012345678.9012345678',
  ],
  ['decimal(20,2)', '90071992547409.91', 'decimal', '90071992547409.91'],
  ['decimal(20,2)', '90071992547409.92', 'decimal', '90071992547409.92'],
  ['decimal(5,2)', '-0.01', 'decimal', '-0.01'],
  ['float', '0.1', 'float', 0.1],
  ['double', '1e-300', 'float', 1e-300],
  ['date', "'2024-02-29'", 'date', '2024-02-29'],
  ['date', "'9999-12-31'", 'date', '9999-12-31'],
  ['date', "'0000-00-00'", 'date', '0000-00-00'],
  ['date', "'2024-00-31'", 'date', '2024-00-31'],
  ['datetime', "'0000-00-00'", 'timestamp', '0000-00-00T00:00:00'],
  ['datetime', "'2024-01-02 00:00:00'", 'timestamp', '2024-01-02T00:00:00'],
  ['datetime(6)', "'2024-01-02 03:04:05.600000'", 'timestamp', '2024-01-02T03:04:05.6'],
  ['timestamp(6) null', "'2024-01-02 03:04:05.000001'", 'timestamptz', '2024-01-01T21:34:05.000001Z'],
  ['time(6)', "'23:59:59.999999'", 'time', '23:59:59.999999'],
  ['time', "'-838:59:59'", 'time', '-838:59:59'],
  ['uuid', "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", 'uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['json', `'{"a": 9007199254740993}'`, 'json', '{"a": 9007199254740993}'],
  ['varbinary(5)', "x'00ff10'", 'binary', '3 bytes'],
  ['binary(4)', "x'00'", 'binary', '4 bytes'],
  ['longblob', "''", 'binary', '0 bytes'],
  ['geometry', 'point(1, 2)', 'binary', '25 bytes'],
  ["enum('sad','ok')", "'sad'", 'text', 'sad'],
  ["set('a','b')", "'a,b'", 'text', 'a,b'],
  ['inet6', "'::1'", 'text', '::1'],
  ['char(4)', "'ab'", 'text', 'ab'],
  ['longtext character set latin1', "'é'", 'text', 'é'],
  ['text character set utf16', "'😀'", 'text', '😀'],
];

const TYPES: readonly TypeCase[] = [
  ...COLUMNS.map(([, , type, shown], i): TypeCase => [`c${i}`, type, shown]),
  ['null', 'text', null],
  ["'é😀'", 'text', 'é😀'],
  ['1 / 0', 'decimal', null],
  ['(select sum(1) from items)', 'decimal', '2'],
  ['1.50', 'decimal', '1.50'],
];

describeDriver({
  name: 'mysql',
  start: startMariadb,
  open: openMysql,
  schema: 'shop',
  quote,
  text: (value) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
  setUp: ({ admin, password }) =>
    void admin(`
      create user reporter identified by '${password}'; create user stranger identified by '${password}';
      grant select, process on *.* to reporter;
      create table items (id int primary key, price decimal(12,2) comment 'Without tax', name varchar(100) not null,
        big bigint, flag boolean) comment 'Things for sale';
      insert into items values (1, 1.50, 'one', 9007199254740993, true), (2, 2.00, 'two', 2, false);
      create view item_names as select name from items;
      create table order_lines (item int, number int, primary key (number, item), foreign key (item) references items (id));
      create table texts (t varchar(100) collate utf8mb4_bin); create table open_to_all (a int);
      grant select on open_to_all to stranger;
      create database hidden; create table hidden.secrets (a int);
      set sql_mode = '';
      create table typed (${COLUMNS.map(([definition], i) => `c${i} ${definition}`).join(', ')});
      insert into typed values (${COLUMNS.map(([, value]) => value).join(', ')});
      ${ODD_NAMES.map((name) => `create table ${quote(name)} (${quote(name)} int, value int); insert into ${quote(name)} values (0, 1)`).join(';')};
      analyze table items`),
  placeholder: () => '?',
  numbers: (count) => `select seq as n from seq_1_to_${count}`,
  sleep: (seconds) => `select sleep(${seconds})`,
  runningCount: `select count(*) from information_schema.processlist where user = 'reporter' and command <> 'Sleep'`,
  connectionCount: `select count(*) from information_schema.processlist where user = 'reporter'`,
  killAll: ({ admin }) => void admin('kill user reporter'),
  types: TYPES,
  typesFrom: 'from typed',
  writes: [
    'insert into items (id) values (3)',
    'insert into items (id) values (3) returning id',
    'delete from items returning id',
    'truncate items',
    'set session transaction read write',
    'set transaction read write',
    'set autocommit = 0',
    'commit',
    'rollback',
    'start transaction read write',
    'select 1; delete from items',
    'create temporary table t (a int)',
    "select 1 into outfile '/tmp/stolen'",
    "load data local infile '/etc/passwd' into table texts",
    "execute immediate 'delete from items'",
    'begin not atomic delete from items; end',
    'call sys.no_such_procedure()',
  ],
  leftovers: [["select @a := 'secret'", 'select @a', null]],
  faults: [
    ['selec secret', 'query.syntax', /cannot parse/],
    ["select * from secret_table where a = 'secret'", 'query.failed', /table that does not exist/],
    ['select secret from items', 'query.failed', /column that does not exist/],
    ['select secret(1)', 'datasource.rights', /may not call/],
    ['select 9223372036854775807 + 1 from items', 'query.failed', /out of the range/],
    ['select name, count(*) from items', 'query.failed', /grouped/],
    ['delete from items', 'datasource.rights', /may not/],
    ['set @a = 1', 'query.refused', /yields no rows/],
    ['', 'query.syntax', /empty/],
  ],
});
