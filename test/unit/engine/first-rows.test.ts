import { expect, test } from 'bun:test';
import { copyStatement } from '../../../src/engine/copy-rows.ts';
import { firstRows } from '../../../src/engine/first-rows.ts';
import { tableSubject } from '../../../src/engine/subject.ts';
import { raw, render } from '../../../src/sql/ast.ts';
import { dialectFor } from '../../../src/sql/dialects/for-engine.ts';
import { zoneTable } from '../../../src/sql/dialects/zone-table.ts';

const zones = zoneTable();
const COLUMNS = [
  { name: 'word', type: 'text', nativeType: 'text' },
  { name: 'day', type: 'date', nativeType: 'date' },
] as const;

test.each([
  [
    'postgres',
    `SELECT CAST(CAST("word" AS text) COLLATE "C" AS text), replace(CAST("day" AS text), ' BC', ' (BC)') FROM t LIMIT 20`,
  ],
  [
    'mysql',
    "SELECT CONVERT(CAST(CONVERT(`word` USING utf8mb4) AS BINARY) USING utf8mb4), DATE_FORMAT(`day`, '%Y-%m-%d') FROM t LIMIT 20",
  ],
  [
    'mssql',
    'SELECT LEFT(((CONVERT(nvarchar(max), CONVERT(varchar(max), [word])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2), LEN(((CONVERT(nvarchar(max), CONVERT(varchar(max), [word])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) - 1), CONVERT(char(10), [day], 23) FROM t ORDER BY (SELECT NULL) OFFSET 0 ROWS FETCH NEXT 20 ROWS ONLY',
  ],
] as const)('a preview of %s ends in its limit and shows whole texts', (engine, text) => {
  const dialect = dialectFor(engine, { textComparison: 'exact', zones });
  expect(render(firstRows(COLUMNS, raw('t'), dialect, 20), dialect).text).toBe(text);
});

test('a sync of SQL Server reads the values that queries see, from the tick that was reached', () => {
  const natives = [
    ['code', 'text', 'char(5)'],
    ['price', 'decimal', 'money'],
    ['ratio', 'float', 'real'],
    ['photo', 'binary', 'image'],
    ['any', 'text', 'sql_variant'],
    ['fine', 'timestamp', 'datetime2(7)'],
    ['changed', 'timestamp', 'datetime'],
  ] as const;
  const columns = natives.map(([name, type, nativeType]) => ({ name, type, nativeType, nullable: true }));
  const connection = {
    id: 'd',
    name: 'd',
    version: 1,
    engine: 'mssql' as const,
    settings: { host: 'h', port: 1433, database: 'd', user: 'u' },
  };
  const subject = tableSubject(connection, raw('t'), columns, zones);
  const synced = columns.map(({ name, type }) => ({ name, source: name, type, nullable: true }));
  const at = '2024-01-01T00:00:00.003';
  const { statement } = copyStatement(subject, columns, synced, {
    column: 'changed',
    from: at,
    to: at,
    nulls: false,
  });
  expect(statement).toEqual({
    text: [
      'SELECT RTRIM([code]) AS c0, CONVERT(decimal(19, 4), [price]) AS c1, CONVERT(float, [ratio]) AS c2',
      ', CONVERT(varchar(max), CAST([photo] AS varbinary(max)), 2) AS c3, [any] AS c4',
      ', DATEADD(nanosecond, -(DATEPART(nanosecond, [fine]) % 1000), [fine]) AS c5',
      ', CONVERT(datetime2(3), [changed]) AS c6 FROM t',
      ' WHERE ([changed] >= CAST(@p1 AS datetime) AND [changed] < CAST(@p2 AS datetime)) ORDER BY [changed]',
    ].join(''),
    params: ['2024-01-01T00:00:00.003', '2024-01-01T00:00:00.007'],
  });
});
