import type { ColumnType } from '../../../src/domain/column.ts';
import { type Value, WIRE, type WireType } from '../../support/tds/types.ts';
import type { Shown } from '../../unit/drivers/mssql-kit.ts';

/** An expression, what the test server sends for it, and what comes out on either server. */
export interface ContractCase {
  expression: string;
  wire: WireType;
  sent: Value;
  type: ColumnType;
  shown: Shown;
}

const NINES = '9'.repeat(38);

const one = (
  expression: string,
  wire: WireType,
  type: ColumnType,
  shown: Shown,
  sent: Value = shown,
): ContractCase => ({
  expression,
  wire,
  sent,
  type,
  shown,
});

export const CONTRACT_CASES: readonly ContractCase[] = [
  one('CAST(NULL AS int)', WIRE.int, 'integer', null),
  one('CAST(1 AS bit)', WIRE.bit, 'boolean', true),
  one('CAST(255 AS tinyint)', WIRE.tinyint, 'integer', 255),
  one('CAST(-32768 AS smallint)', WIRE.smallint, 'integer', -32_768),
  one('CAST(-2147483648 AS int)', WIRE.int, 'integer', -2_147_483_648),
  one("CAST('9223372036854775807' AS bigint)", WIRE.bigint, 'integer', '9223372036854775807'),
  one("CAST('-9007199254740991' AS bigint)", WIRE.bigint, 'integer', -9_007_199_254_740_991),
  one(`CAST('${NINES}' AS decimal(38, 0))`, WIRE.decimal(38, 0), 'decimal', NINES),
  one("CAST('-0.0000000001' AS decimal(28, 10))", WIRE.decimal(28, 10), 'decimal', '-0.0000000001'),
  one("CAST('123456789012345.67' AS numeric(17, 2))", WIRE.numeric(17, 2), 'decimal', '123456789012345.67'),
  one("CAST('922337203685477.5807' AS money)", WIRE.money, 'decimal', '922337203685477.5807'),
  one("CAST('-214748.3648' AS smallmoney)", WIRE.smallmoney, 'decimal', '-214748.3648'),
  one('CAST(0.1 AS float)', WIRE.float, 'float', 0.1),
  one('CAST(0.1 AS real)', WIRE.real, 'float', 0.1),
  one("CAST('0001-01-01' AS date)", WIRE.date, 'date', '0001-01-01'),
  one("CAST('23:59:59.9999999' AS time(7))", WIRE.time(7), 'time', '23:59:59.9999999'),
  one("CAST('10:11:12' AS time(0))", WIRE.time(0), 'time', '10:11:12'),
  one(
    "CAST('9999-12-31T23:59:59.999999' AS datetime2(6))",
    WIRE.datetime2(6),
    'timestamp',
    '9999-12-31T23:59:59.999999',
  ),
  one("CAST('2024-02-29T10:00:00.007' AS datetime)", WIRE.datetime, 'timestamp', '2024-02-29T10:00:00.007'),
  one("CAST('2024-02-29T10:01:00' AS smalldatetime)", WIRE.smalldatetime, 'timestamp', '2024-02-29T10:01:00'),
  one(
    "CAST('2024-01-01T00:30:00.5+05:30' AS datetimeoffset(6))",
    WIRE.datetimeoffset(6),
    'timestamptz',
    '2023-12-31T19:00:00.5Z',
    '2024-01-01 00:30:00.5 +05:30',
  ),
  one(
    "CAST('0E984725-C51C-4BF4-9960-E1C80E27ABA0' AS uniqueidentifier)",
    WIRE.uniqueidentifier,
    'uuid',
    '0e984725-c51c-4bf4-9960-e1c80e27aba0',
  ),
  one("CAST(N'مرحبا 😀' AS nvarchar(40))", WIRE.nvarchar(40), 'text', 'مرحبا 😀'),
  one("CAST(N'two  ' AS nvarchar(40))", WIRE.nvarchar(40), 'text', 'two  '),
  one("CAST('plain' AS varchar(40))", WIRE.varchar(40), 'text', 'plain'),
  one("REPLICATE(CAST(N'é' AS nvarchar(max)), 20000)", WIRE.nvarcharMax, 'text', 'é'.repeat(20_000)),
  one("CAST(N'<a>é</a>' AS xml)", WIRE.xml, 'text', '<a>é</a>'),
  one('CAST(0x010203 AS varbinary(10))', WIRE.varbinary(10), 'binary', '3 bytes', Uint8Array.of(1, 2, 3)),
  one('CAST(0x0102 AS varbinary(max))', WIRE.varbinaryMax, 'binary', '2 bytes', Uint8Array.of(1, 2)),
];
