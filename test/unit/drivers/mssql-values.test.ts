import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Column } from '../../../src/domain/column.ts';
import { fixed } from '../../../src/domain/column-data.ts';
import { result, TdsServer } from '../../support/tds/server.ts';
import { type Value, WIRE, type WireType } from '../../support/tds/types.ts';
import { all, openOn, run, type Shown } from './mssql-kit.ts';

type Case = [name: string, wire: WireType, type: string, values: [sent: Value, shown: Shown][]];

const bytes = (...list: number[]) => Uint8Array.from(list);
const LONG = 'ab€ß😀'.repeat(3000);

const CASES: Case[] = [
  [
    'bit',
    WIRE.bit,
    'boolean',
    [
      [true, true],
      [false, false],
    ],
  ],
  [
    'tinyint',
    WIRE.tinyint,
    'integer',
    [
      [0, 0],
      [255, 255],
    ],
  ],
  [
    'smallint',
    WIRE.smallint,
    'integer',
    [
      [-32_768, -32_768],
      [32_767, 32_767],
    ],
  ],
  [
    'int',
    WIRE.int,
    'integer',
    [
      [-2_147_483_648, -2_147_483_648],
      [2_147_483_647, 2_147_483_647],
    ],
  ],
  [
    'bigint',
    WIRE.bigint,
    'integer',
    [
      ['9007199254740991', 9_007_199_254_740_991],
      ['-9007199254740991', -9_007_199_254_740_991],
      ['9007199254740993', '9007199254740993'],
      ['-9007199254740993', '-9007199254740993'],
      ['9223372036854775807', '9223372036854775807'],
      ['-9223372036854775808', '-9223372036854775808'],
    ],
  ],
  [
    'decimal of 4 bytes',
    WIRE.decimal(9, 2),
    'decimal',
    [
      ['-1234567.89', '-1234567.89'],
      ['0.00', '0.00'],
      ['-0.01', '-0.01'],
    ],
  ],
  [
    'decimal of 8 bytes',
    WIRE.decimal(19, 4),
    'decimal',
    [
      ['922337203685477.5807', '922337203685477.5807'],
      ['-0.0001', '-0.0001'],
    ],
  ],
  [
    'decimal of 12 bytes',
    WIRE.decimal(28, 10),
    'decimal',
    [['123456789012345678.0123456789', '123456789012345678.0123456789']],
  ],
  [
    'decimal of 16 bytes',
    WIRE.decimal(38, 0),
    'decimal',
    [
      ['9'.repeat(38), '9'.repeat(38)],
      [`-${'9'.repeat(38)}`, `-${'9'.repeat(38)}`],
      ['7', 7],
    ],
  ],
  ['numeric', WIRE.numeric(38, 38), 'decimal', [[`0.${'1'.repeat(38)}`, `0.${'1'.repeat(38)}`]]],
  [
    'money',
    WIRE.money,
    'decimal',
    [
      ['922337203685477.5807', '922337203685477.5807'],
      ['-922337203685477.5808', '-922337203685477.5808'],
      ['-0.0001', '-0.0001'],
      ['12.3400', '12.3400'],
    ],
  ],
  [
    'smallmoney',
    WIRE.smallmoney,
    'decimal',
    [
      ['214748.3647', '214748.3647'],
      ['-214748.3648', '-214748.3648'],
    ],
  ],
  [
    'float',
    WIRE.float,
    'float',
    [
      [0.1, 0.1],
      [-1.7976931348623157e308, -1.7976931348623157e308],
      [5e-324, 5e-324],
    ],
  ],
  [
    'real',
    WIRE.real,
    'float',
    [
      [0.1, 0.1],
      [16_777_216, 16_777_216],
      [3.4028234663852886e38, 3.4028235e38],
      [-2.5, -2.5],
    ],
  ],
  [
    'date',
    WIRE.date,
    'date',
    [
      ['0001-01-01', '0001-01-01'],
      ['2024-02-29', '2024-02-29'],
      ['1900-03-01', '1900-03-01'],
      ['9999-12-31', '9999-12-31'],
    ],
  ],
  [
    'time(7)',
    WIRE.time(7),
    'time',
    [
      ['00:00:00', '00:00:00'],
      ['23:59:59.9999999', '23:59:59.9999999'],
      ['01:02:03.1', '01:02:03.1'],
    ],
  ],
  ['time(0)', WIRE.time(0), 'time', [['12:34:56', '12:34:56']]],
  ['time(3)', WIRE.time(3), 'time', [['12:34:56.007', '12:34:56.007']]],
  [
    'datetime2(7)',
    WIRE.datetime2(7),
    'timestamp',
    [
      ['0001-01-01 00:00:00', '0001-01-01T00:00:00'],
      ['9999-12-31 23:59:59.9999999', '9999-12-31T23:59:59.9999999'],
      ['2024-03-10 02:30:00.0001', '2024-03-10T02:30:00.0001'],
    ],
  ],
  ['datetime2(0)', WIRE.datetime2(0), 'timestamp', [['1752-09-14 10:11:12', '1752-09-14T10:11:12']]],
  [
    'datetime',
    WIRE.datetime,
    'timestamp',
    [
      ['1753-01-01 00:00:00', '1753-01-01T00:00:00'],
      ['2024-02-29 23:59:59.997', '2024-02-29T23:59:59.997'],
      ['2024-02-29 10:00:00.003', '2024-02-29T10:00:00.003'],
      ['2024-02-29 10:00:00.010', '2024-02-29T10:00:00.01'],
    ],
  ],
  [
    'smalldatetime',
    WIRE.smalldatetime,
    'timestamp',
    [
      ['1900-01-01 00:00', '1900-01-01T00:00:00'],
      ['2079-06-06 23:59', '2079-06-06T23:59:00'],
    ],
  ],
  [
    'datetimeoffset(7)',
    WIRE.datetimeoffset(7),
    'timestamptz',
    [
      ['2024-01-01 00:30:00.1234567 +05:30', '2023-12-31T19:00:00.1234567Z'],
      ['2024-12-31 23:00:00 -03:30', '2025-01-01T02:30:00Z'],
    ],
  ],
  [
    'datetimeoffset(0)',
    WIRE.datetimeoffset(0),
    'timestamptz',
    [['1969-12-31 23:59:59 +00:00', '1969-12-31T23:59:59Z']],
  ],
  [
    'uniqueidentifier',
    WIRE.uniqueidentifier,
    'uuid',
    [['0E984725-C51C-4BF4-9960-E1C80E27ABA0', '0e984725-c51c-4bf4-9960-e1c80e27aba0']],
  ],
  [
    'nvarchar',
    WIRE.nvarchar(100),
    'text',
    [
      ['', ''],
      ['مرحبا 😀 Ⅷ', 'مرحبا 😀 Ⅷ'],
      [' two ', ' two '],
    ],
  ],
  ['nchar', WIRE.nchar(4), 'text', [['ab  ', 'ab  ']]],
  [
    'varchar of code page 1252',
    WIRE.varchar(100),
    'text',
    [
      ['plain', 'plain'],
      ['Größe', 'Größe'],
    ],
  ],
  ['varchar of code page 1251', WIRE.cyrillicVarchar(100), 'text', [[bytes(0xcf, 0xf0, 0xe8), 'При']]],
  ['varchar of UTF-8', WIRE.utf8Varchar(100), 'text', [['€ 😀', '€ 😀']]],
  ['char', WIRE.char(3), 'text', [['a  ', 'a  ']]],
  [
    'nvarchar(max)',
    WIRE.nvarcharMax,
    'text',
    [
      ['', ''],
      [LONG, LONG],
    ],
  ],
  ['nvarchar(max) of unknown length', WIRE.nvarcharMaxOfUnknownLength, 'text', [[LONG, LONG]]],
  ['varchar(max)', WIRE.varcharMax, 'text', [['Größe'.repeat(2000), 'Größe'.repeat(2000)]]],
  [
    'text',
    WIRE.text,
    'text',
    [
      ['Größe', 'Größe'],
      ['', ''],
    ],
  ],
  ['ntext', WIRE.ntext, 'text', [['مرحبا', 'مرحبا']]],
  ['xml', WIRE.xml, 'text', [['<a b="1">é</a>', '<a b="1">é</a>']]],
  [
    'varbinary',
    WIRE.varbinary(10),
    'binary',
    [
      [bytes(), '0 bytes'],
      [bytes(1, 2, 3), '3 bytes'],
    ],
  ],
  ['binary', WIRE.binary(4), 'binary', [[bytes(1, 2, 3, 4), '4 bytes']]],
  ['varbinary(max)', WIRE.varbinaryMax, 'binary', [[new Uint8Array(100_000), '100000 bytes']]],
  ['image', WIRE.image, 'binary', [[bytes(9, 9), '2 bytes']]],
  ['hierarchyid', WIRE.hierarchyid, 'binary', [[bytes(0x58), '1 bytes']]],
  ['geography', WIRE.geography, 'binary', [[new Uint8Array(22), '22 bytes']]],
  ['sql_variant int', WIRE.variantInt, 'text', [[-5, '-5']]],
  ['sql_variant bigint', WIRE.variantBigint, 'text', [['9223372036854775807', '9223372036854775807']]],
  [
    'sql_variant decimal',
    WIRE.variantDecimal,
    'text',
    [['12345678901234567890.123456', '12345678901234567890.123456']],
  ],
  ['sql_variant money', WIRE.variantMoney, 'text', [['1.5', '1.5000']]],
  ['sql_variant text', WIRE.variantText, 'text', [['é😀', 'é😀']]],
  [
    'sql_variant datetime2',
    WIRE.variantDatetime2,
    'text',
    [['2024-01-02 03:04:05.5', '2024-01-02T03:04:05.5']],
  ],
  ['sql_variant binary', WIRE.variantBinary, 'text', [[bytes(1, 2), '2 bytes']]],
];

const WITHOUT_NULL: Case[] = [
  ['bit', WIRE.fixedBit, 'boolean', [[true, true]]],
  ['tinyint', WIRE.fixedTinyint, 'integer', [[200, 200]]],
  ['smallint', WIRE.fixedSmallint, 'integer', [[-2, -2]]],
  ['int', WIRE.fixedInt, 'integer', [[-3, -3]]],
  ['bigint', WIRE.fixedBigint, 'integer', [['-9223372036854775808', '-9223372036854775808']]],
  ['real', WIRE.fixedReal, 'float', [[0.1, 0.1]]],
  ['float', WIRE.fixedFloat, 'float', [[0.1, 0.1]]],
  ['money', WIRE.fixedMoney, 'decimal', [['-922337203685477.5808', '-922337203685477.5808']]],
  ['smallmoney', WIRE.fixedSmallmoney, 'decimal', [['-0.0001', '-0.0001']]],
  ['datetime', WIRE.fixedDatetime, 'timestamp', [['2024-02-29 10:00:00.007', '2024-02-29T10:00:00.007']]],
  ['smalldatetime', WIRE.fixedSmalldatetime, 'timestamp', [['2024-02-29 10:01', '2024-02-29T10:01:00']]],
];

async function readBack(wire: WireType, sent: readonly Value[], types?: Column[], sparse = false) {
  await using server = await TdsServer.start();
  await using driver = openOn(server);
  server.on(
    'SELECT v',
    result(
      [{ name: 'v', type: wire }],
      sent.map((value) => [value]),
      sparse,
    ),
  );
  const { columns, rows } = await all(run(driver, 'SELECT v', [], types ? { types } : {}));
  return { column: columns[0]!, values: rows.map<Shown>(([value]) => value ?? null) };
}

describe('values come exactly as the server has them', () => {
  test.each(CASES)('%s', async (_, wire, type, values) => {
    const sent = [null, ...values.map(([value]) => value), null];
    const expected = [null, ...values.map(([, value]) => value), null];
    for (const sparse of [false, true]) {
      const read = await readBack(wire, sent, undefined, sparse);
      expect(read.values).toEqual(expected);
      expect(read.column.type).toBe(type as Column['type']);
    }
  });

  test.each(WITHOUT_NULL)('%s of a NOT NULL column', async (_, wire, type, values) => {
    const read = await readBack(
      wire,
      values.map(([value]) => value),
    );
    expect(read.values).toEqual(values.map(([, value]) => value));
    expect(read.column.type).toBe(type as Column['type']);
  });

  test('decimals say their scale', async () => {
    expect((await readBack(WIRE.decimal(20, 6), ['1.5'])).column).toEqual({
      name: 'v',
      type: 'decimal',
      scale: 6,
    });
    expect((await readBack(WIRE.money, ['1.5'])).column).toEqual({ name: 'v', type: 'decimal', scale: 4 });
  });
});

describe('any value', () => {
  const SCALE = 6;
  const whole = (digits: number) =>
    fc.bigInt({ min: -(10n ** BigInt(digits)) + 1n, max: 10n ** BigInt(digits) - 1n });
  const asText = (value: Shown) => String(value);

  test.each([9, 19, 28, 38])('decimals of %i digits', async (precision) => {
    const numbers = fc.sample(whole(precision), 400);
    const texts = numbers.map((number) => fixed(number, SCALE));
    const { values } = await readBack(WIRE.decimal(precision, SCALE), texts);
    expect(values.map(asText)).toEqual(texts);
  });

  test('bigint', async () => {
    const numbers = fc.sample(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), 400).map(String);
    expect((await readBack(WIRE.bigint, numbers)).values.map(asText)).toEqual(numbers);
  });

  test('money', async () => {
    const texts = fc
      .sample(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), 400)
      .map((n) => fixed(n, 4));
    expect((await readBack(WIRE.money, texts)).values.map(asText)).toEqual(texts);
  });

  test('dates', async () => {
    const days = fc.sample(
      fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
      400,
    );
    const texts = days.map((day) => day.toISOString().slice(-24, -14));
    expect((await readBack(WIRE.date, texts)).values).toEqual(texts);
  });
});

describe('the caller knows the type better', () => {
  const as = (type: Column['type'], scale?: number): Column[] => [
    { name: 'x', type, ...(scale === undefined ? {} : { scale }) },
  ];

  test.each<[string, WireType, Column[], Value[], Shown[]]>([
    [
      'text as integer',
      WIRE.varchar(50),
      as('integer'),
      ['7', null, '9223372036854775807'],
      [7, null, '9223372036854775807'],
    ],
    [
      'text as decimal',
      WIRE.varchar(50),
      as('decimal', 2),
      [null, '-0.05', '123456789012345678.90'],
      [null, '-0.05', '123456789012345678.90'],
    ],
    ['text as decimal of unknown scale', WIRE.varchar(50), as('decimal'), [null, '1.250'], [null, '1.250']],
    ['text as float', WIRE.varchar(50), as('float'), ['1.5e3'], [1500]],
    ['text as boolean', WIRE.varchar(5), as('boolean'), ['1', '0', 'true'], [true, false, true]],
    ['text as date', WIRE.char(10), as('date'), ['2024-01-02'], ['2024-01-02']],
    ['int as boolean', WIRE.int, as('boolean'), [1, 0], [true, false]],
    ['bit as integer', WIRE.bit, as('integer'), [true, false], [1, 0]],
    ['decimal as integer', WIRE.decimal(38, 0), as('integer'), ['5', '9'.repeat(38)], [5, '9'.repeat(38)]],
    [
      'decimal as float',
      WIRE.decimal(20, 2),
      as('float'),
      ['0.10', '123456789012345678.99'],
      [0.1, 123_456_789_012_345_680],
    ],
    ['int as float', WIRE.int, as('float'), [3], [3]],
    ['float as integer', WIRE.float, as('integer'), [3, 2 ** 60], [3, '1152921504606846976']],
    ['datetime2 as date', WIRE.datetime2(3), as('date'), ['2024-05-06 00:00:00'], ['2024-05-06']],
  ])('%s', async (_, wire, types, sent, expected) => {
    const read = await readBack(wire, sent, types);
    expect(read.values).toEqual(expected);
    expect(read.column.name).toBe('x');
  });
});
