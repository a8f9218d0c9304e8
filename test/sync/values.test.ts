import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import type { CsvFile } from '../../src/drivers/csv-writer.ts';
import type { Driver } from '../../src/drivers/driver.ts';
import { openMysql } from '../../src/drivers/mysql/driver.ts';
import { openPostgres } from '../../src/drivers/postgres/driver.ts';
import type { Cell } from '../../src/lake/jobs.ts';
import { copyToFiles } from '../../src/workers/copy-to-files.ts';
import { startMariadb } from '../support/mariadb-server.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { openSyncKit, type SyncKit } from './kit.ts';

/** A column of a table: its type there and in the dataset, its values as SQL, and as they come out. */
interface Case {
  declared: string;
  type: string;
  values: readonly string[];
  shown: readonly Cell[];
}

const base64 = (...bytes: number[]) => Buffer.from(bytes).toString('base64');

/** Every table has these rows; a case says what stands in them. */
const ROWS = 4;

const POSTGRES: Record<string, Case> = {
  whole: {
    declared: 'bigint',
    type: 'integer',
    values: ['9223372036854775807', '-9223372036854775808', '0', 'null'],
    shown: ['9223372036854775807', '-9223372036854775808', 0, null],
  },
  small: {
    declared: 'smallint',
    type: 'integer',
    values: ['-32768', '1', '0', 'null'],
    shown: [-32768, 1, 0, null],
  },
  money: {
    declared: 'money',
    type: 'decimal',
    values: ["'1.50'", "'-2.25'", "'0'", 'null'],
    shown: ['1.50', '-2.25', '0.00', null],
  },
  wide: {
    declared: 'numeric(38,10)',
    type: 'decimal',
    values: ['9999999999999999999999999999.0000000001', '-1', '0', 'null'],
    shown: ['9999999999999999999999999999.0000000001', '-1.0000000000', '0.0000000000', null],
  },
  open: {
    declared: 'numeric',
    type: 'decimal',
    values: ['1.50', '2', '-0.125', 'null'],
    shown: ['1.500', '2.000', '-0.125', null],
  },
  hundreds: {
    declared: 'numeric(3,-2)',
    type: 'decimal',
    values: ['12345', '100', '-99900', 'null'],
    shown: ['12300', '100', '-99900', null],
  },
  single: {
    declared: 'real',
    type: 'float',
    values: ['0.1', "'NaN'", "'-Infinity'", 'null'],
    shown: [Math.fround(0.1), 'NaN', '-Infinity', null],
  },
  double: {
    declared: 'double precision',
    type: 'float',
    values: ['1e308', "'Infinity'", '-0.1', 'null'],
    shown: [1e308, 'Infinity', -0.1, null],
  },
  flag: {
    declared: 'boolean',
    type: 'boolean',
    values: ['true', 'false', 'true', 'null'],
    shown: [true, false, true, null],
  },
  text: {
    declared: 'text',
    type: 'text',
    values: [`e'a "quoted", \\r\\nline\\\\N \\\\.'`, `''`, `'é 😀 NULL'`, 'null'],
    shown: ['a "quoted", \r\nline\\N \\.', '', 'é 😀 NULL', null],
  },
  padded: {
    declared: 'char(4)',
    type: 'text',
    values: ["'a'", "' b'", "''", 'null'],
    shown: ['a', ' b', '', null],
  },
  mood: {
    declared: 'mood',
    type: 'text',
    values: ["'sad'", "'Ok'", "'sad'", 'null'],
    shown: ['sad', 'Ok', 'sad', null],
  },
  domain: {
    declared: 'short_text',
    type: 'text',
    values: ["'x'", "''", "'y,'", 'null'],
    shown: ['x', '', 'y,', null],
  },
  day: {
    declared: 'date',
    type: 'date',
    values: ["'2024-02-29'", "'0044-03-15 BC'", "'infinity'", 'null'],
    shown: ['2024-02-29', '0044-03-15 (BC)', 'infinity', null],
  },
  clock: {
    declared: 'time',
    type: 'time',
    values: ["'23:59:59.000001'", "'00:00'", "'12:30'", 'null'],
    shown: ['23:59:59.000001', '00:00:00', '12:30:00', null],
  },
  wall: {
    declared: 'timestamp',
    type: 'timestamp',
    values: ["'2024-02-29 01:02:03.000004'", "'0044-03-15 01:02:03 BC'", "'-infinity'", 'null'],
    shown: ['2024-02-29T01:02:03.000004', '0044-03-15T01:02:03 (BC)', '-infinity', null],
  },
  instant: {
    declared: 'timestamptz',
    type: 'timestamptz',
    values: ["'2024-02-29 01:02:03.5+05:30'", "'infinity'", "'0044-03-15 01:02:03+00 BC'", 'null'],
    shown: ['2024-02-28T19:32:03.5Z', 'infinity', '0044-03-15T01:02:03Z (BC)', null],
  },
  id: {
    declared: 'uuid',
    type: 'uuid',
    values: [
      "'F47AC10B-58CC-4372-A567-0E02B2C3D479'",
      "'00000000-0000-0000-0000-000000000000'",
      "'018f0000-0000-7000-8000-000000000001'",
      'null',
    ],
    shown: [
      'f47ac10b-58cc-4372-a567-0e02b2c3d479',
      '00000000-0000-0000-0000-000000000000',
      '018f0000-0000-7000-8000-000000000001',
      null,
    ],
  },
  doc: {
    declared: 'json',
    type: 'json',
    values: [`'{"a": 1}'`, `'"text"'`, `'null'`, 'null'],
    shown: ['{"a": 1}', '"text"', 'null', null],
  },
  docs: {
    declared: 'jsonb',
    type: 'json',
    values: [`'{"a":1}'`, `'[]'`, `'2'`, 'null'],
    shown: ['{"a": 1}', '[]', '2', null],
  },
  list: {
    declared: 'integer[]',
    type: 'json',
    values: ["'{1,null,3}'", "'{}'", "'{{1,2},{3,4}}'", 'null'],
    shown: ['[1,null,3]', '[]', '[[1,2],[3,4]]', null],
  },
  words: {
    declared: 'text[]',
    type: 'json',
    values: [`array['a "b"','c,d']`, `array['']`, `array['é']`, 'null'],
    shown: ['["a \\"b\\"","c,d"]', '[""]', '["é"]', null],
  },
  bytes: {
    declared: 'bytea',
    type: 'binary',
    values: ["'\\x00ff'", "''", "'\\x22'", 'null'],
    shown: [base64(0, 255), '', base64(0x22), null],
  },
  span: {
    declared: 'interval',
    type: 'text',
    values: ["'1 day 02:03:04'", "'0'", "'-1 mon'", 'null'],
    shown: ['1 day 02:03:04', '00:00:00', '-1 mons', null],
  },
  zoned: {
    declared: 'timetz',
    type: 'text',
    values: ["'01:02:03+05:30'", "'00:00:00+00'", "'12:00:00-03'", 'null'],
    shown: ['01:02:03+05:30', '00:00:00+00', '12:00:00-03', null],
  },
  bits: {
    declared: 'bit(3)',
    type: 'text',
    values: ["b'101'", "b'000'", "b'111'", 'null'],
    shown: ['101', '000', '111', null],
  },
  net: {
    declared: 'inet',
    type: 'text',
    values: ["'10.0.0.1/8'", "'::1'", "'10.0.0.1'", 'null'],
    shown: ['10.0.0.1/8', '::1', '10.0.0.1', null],
  },
};

const MARIADB: Record<string, Case> = {
  whole: POSTGRES.whole!,
  huge: {
    declared: 'bigint unsigned',
    type: 'decimal',
    values: ['18446744073709551615', '0', '1', 'null'],
    shown: ['18446744073709551615', '0', '1', null],
  },
  tiny: {
    declared: 'tinyint',
    type: 'integer',
    values: ['-128', '127', '0', 'null'],
    shown: [-128, 127, 0, null],
  },
  flag: {
    declared: 'boolean',
    type: 'integer',
    values: ['true', 'false', '2', 'null'],
    shown: [1, 0, 2, null],
  },
  bit: {
    declared: 'bit(1)',
    type: 'boolean',
    values: ["b'1'", "b'0'", "b'1'", 'null'],
    shown: [true, false, true, null],
  },
  bits: {
    declared: 'bit(10)',
    type: 'text',
    values: ["b'101'", "b'0'", "b'1111111111'", 'null'],
    shown: ['0000000101', '0000000000', '1111111111', null],
  },
  year: {
    declared: 'year',
    type: 'integer',
    values: ['2024', '1999', '2000', 'null'],
    shown: [2024, 1999, 2000, null],
  },
  wide: POSTGRES.wide!,
  single: {
    declared: 'float',
    type: 'float',
    values: ['0.1', '1e30', '-5', 'null'],
    shown: [Math.fround(0.1), Math.fround(1e30), -5, null],
  },
  double: {
    declared: 'double',
    type: 'float',
    values: ['1e308', '0.1', '-2.5', 'null'],
    shown: [1e308, 0.1, -2.5, null],
  },
  text: {
    declared: 'text',
    type: 'text',
    values: [`'a "quoted", \\r\\nline\\\\N'`, `''`, `'é 😀 NULL'`, 'null'],
    shown: ['a "quoted", \r\nline\\N', '', 'é 😀 NULL', null],
  },
  latin: {
    declared: 'varchar(9) character set latin1',
    type: 'text',
    values: ["'é'", "''", "'e '", 'null'],
    shown: ['é', '', 'e ', null],
  },
  mood: {
    declared: "enum('sad','Ok')",
    type: 'text',
    values: ["'sad'", "'Ok'", "'sad'", 'null'],
    shown: ['sad', 'Ok', 'sad', null],
  },
  several: {
    declared: "set('a','b')",
    type: 'text',
    values: ["'a,b'", "''", "'b'", 'null'],
    shown: ['a,b', '', 'b', null],
  },
  day: {
    declared: 'date',
    type: 'date',
    values: ["'2024-02-29'", "'1000-01-01'", "'9999-12-31'", 'null'],
    shown: ['2024-02-29', '1000-01-01', '9999-12-31', null],
  },
  clock: {
    declared: 'time(3)',
    type: 'time',
    values: ["'23:59:59.5'", "'00:00:00'", "'12:30:00'", 'null'],
    shown: ['23:59:59.5', '00:00:00', '12:30:00', null],
  },
  wall: {
    declared: 'datetime(6)',
    type: 'timestamp',
    values: ["'2024-02-29 01:02:03.000004'", "'1000-01-01 00:00:00'", "'9999-12-31 23:59:59.5'", 'null'],
    shown: ['2024-02-29T01:02:03.000004', '1000-01-01T00:00:00', '9999-12-31T23:59:59.5', null],
  },
  instant: {
    declared: 'timestamp(6) null',
    type: 'timestamptz',
    values: ["'2024-02-29 01:02:03.5'", "'1970-01-02 00:00:00'", "'2038-01-19 03:14:07'", 'null'],
    shown: ['2024-02-28T19:32:03.5Z', '1970-01-01T18:30:00Z', '2038-01-18T21:44:07Z', null],
  },
  id: {
    declared: 'uuid',
    type: 'uuid',
    values: [
      "'F47AC10B-58CC-4372-A567-0E02B2C3D479'",
      "'00000000-0000-1000-8000-ffffffffffff'",
      "'018f0000-0000-7000-8000-000000000001'",
      'null',
    ],
    shown: [
      'f47ac10b-58cc-4372-a567-0e02b2c3d479',
      '00000000-0000-1000-8000-ffffffffffff',
      '018f0000-0000-7000-8000-000000000001',
      null,
    ],
  },
  doc: {
    declared: 'json',
    type: 'json',
    values: [`'{"a": 1}'`, `'"text"'`, `'[]'`, 'null'],
    shown: ['{"a": 1}', '"text"', '[]', null],
  },
  bytes: {
    declared: 'varbinary(9)',
    type: 'binary',
    values: ["x'00ff'", "''", "x'22'", 'null'],
    shown: [base64(0, 255), '', base64(0x22), null],
  },
};

function openDriver(engine: string, { host, port, user, password, database }: TestServer): Driver {
  const open = engine === 'postgres' ? openPostgres : openMysql;
  const settings = { host, port, user, password, database, tls: { mode: 'off' as const } };
  return open(settings, { applicationName: 'test', onPoolEvent: () => undefined });
}

describe.each([['postgres', startPostgres, POSTGRES] as const, ['mysql', startMariadb, MARIADB] as const])(
  '%s',
  (engine, start, cases) => {
    let server: TestServer;
    let kit: SyncKit;
    beforeAll(async () => {
      [server, kit] = await Promise.all([start(), openSyncKit()]);
      await kit.addDatasource('shop', engine, server);
      if (engine === 'postgres')
        server.admin(`create type mood as enum ('sad', 'Ok'); create domain short_text as varchar(5)`);
      const entries = Object.entries(cases);
      server.admin(
        `create table kinds (n integer, ${entries.map(([name, { declared }]) => `c_${name} ${declared}`).join(', ')})`,
      );
      for (let row = 0; row < ROWS; row++)
        server.admin(
          `insert into kinds values (${[row + 1, ...entries.map(([, { values }]) => values[row]!)].join(', ')})`,
        );
      const source = { kind: 'table' as const, datasource: 'shop', table: 'kinds' };
      await kit.task({ name: 'kinds', source, dataset: 'kinds', mode: 'snapshot' });
      await kit.sync('kinds');
    }, 60_000);
    afterAll(async () => {
      await kit[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    test.each(Object.entries(cases))('%s', async (name, { type, shown }) => {
      const { columns } = await kit.datasets.get('kinds');
      expect(columns.find((column) => column.name === `c_${name}`)?.type).toBe(type as never);
      const rows = await kit.rows('kinds', ['n', `c_${name}`]);
      expect(rows.map(([, value]) => value!)).toEqual([...shown] as never);
    });

    test('an engine without a way of its own gives the same, value by value', async () => {
      await using driver = openDriver(engine, server);
      const files: CsvFile[] = [];
      const send = async (bytes: Uint8Array) => {
        const text = new TextDecoder().decode(bytes).trim();
        if (text !== '') files.push(JSON.parse(text) as CsvFile);
      };
      const columns = [
        { type: 'integer', form: 'plain' },
        { type: 'text', form: 'quoted' },
        { type: 'decimal', scale: 10, form: 'plain' },
        { type: engine === 'mysql' ? 'integer' : 'boolean', form: 'plain' },
      ] as const;
      const text = 'SELECT c_whole, c_text, c_wide, c_flag FROM kinds ORDER BY n';
      const job = {
        text,
        statement: { text, params: [] },
        columns,
        folder: kit.folders.uploads,
        fileBytes: 1 << 20,
        fileRows: 3,
        timeoutMs: 10_000,
      };
      const slow = { run: driver.run.bind(driver) } as Driver;
      await copyToFiles(slow, job, { signal: AbortSignal.timeout(10_000), send });
      expect(files.map(({ rows }) => rows)).toEqual([3, 1]);
      const written = await Promise.all(files.map(({ path }) => Bun.file(path).text()));
      expect(written.join('')).toBe(
        [0, 1, 2]
          .map((row) => {
            const { whole, text: words, wide, flag } = cases;
            const quoted = `"${String(words!.shown[row]).replaceAll('"', '""')}"`;
            return `${whole!.shown[row]},${quoted},${wide!.shown[row]},${flag!.shown[row]}\n`;
          })
          .join('')
          .concat(',,,\n'),
      );
      for (const { path } of files) await rm(path);
    });

    test('one column of nulls and empty texts keeps each of its rows', async () => {
      server.admin(`create table lone (t varchar(5)); insert into lone values (null), (''), (null), ('x')`);
      const source = { kind: 'table' as const, datasource: 'shop', table: 'lone' };
      await kit.task({ name: 'lone', source, dataset: 'lone', mode: 'snapshot' });
      await kit.sync('lone');
      expect((await kit.rows('lone')).map(([text]) => text!)).toEqual(['', 'x', null, null] as never);
    });
  },
);
