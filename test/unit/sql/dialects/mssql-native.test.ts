import { describe, expect, test } from 'bun:test';
import type { Filter } from '../../../../src/domain/filter.ts';
import { ticksToMs, timeText } from '../../../../src/drivers/mssql/moments.ts';
import { render } from '../../../../src/sql/ast.ts';
import { dialectFor } from '../../../../src/sql/dialects/for-engine.ts';
import { mssqlNative } from '../../../../src/sql/dialects/mssql-native.ts';
import { zoneTable } from '../../../../src/sql/dialects/zone-table.ts';
import { compileExpression } from '../../../../src/sql/expression/expression.ts';
import { compileFilter } from '../../../../src/sql/filter.ts';
import { columnsByName, type Scope } from '../../../../src/sql/scope.ts';

const dialect = dialectFor('mssql', { textComparison: 'exact', zones: zoneTable() });

function scopeOf(nativeType: string, type: 'text' | 'integer' | 'timestamp' | 'timestamptz'): Scope {
  return {
    columns: columnsByName([
      { name: 'c', type, nativeType },
      { name: 'n', type: 'integer' },
    ]),
    dialect,
    timezone: 'America/New_York',
    weekStart: 'monday',
    nowMs: Date.UTC(2024, 0, 1),
    ranges: [],
  };
}

const filter = (where: Filter, scope: Scope) => render(compileFilter(where, scope, '/where'), dialect);
const boundOf = (nativeType: string, at: string) => {
  const bound = mssqlNative(nativeType)!.moments!.notBefore(Temporal.PlainDateTime.from(at));
  return bound && render(bound, dialect);
};

describe('a moment in the type of the column', () => {
  // What the server shows of the 300ths of a second around a full second.
  const SHOWN = Array.from(
    { length: 601 },
    (_, tick) => `2024-02-29T${timeText(ticksToMs(300 * 3599 + tick - 300), 3)}`,
  );
  const moments = Array.from({ length: 1500 }, (_, i) =>
    Temporal.PlainDateTime.from('2024-02-29T00:59:58.2').add({ microseconds: i * 997 }),
  );

  test('datetime: the bound divides the ticks as their texts are divided', () => {
    const values = SHOWN.map((text) => Temporal.PlainDateTime.from(text));
    const { compare } = Temporal.PlainDateTime;
    for (const at of moments) {
      const [text] = boundOf('datetime', at.toString())!.params as [string];
      const bound = Temporal.PlainDateTime.from(text);
      const parted = (by: Temporal.PlainDateTime) => values.filter((value) => compare(value, by) < 0).length;
      expect([at.toString(), parted(bound)]).toEqual([at.toString(), parted(at)]);
      const isShown = values.some((value) => value.equals(at));
      expect(mssqlNative('datetime')!.moments!.exactly!(at) !== undefined).toBe(isShown);
    }
  });

  test.each([
    ['datetime', '2024-01-01T00:00:00.003333', 'datetime', '2024-01-01T00:00:00.007'],
    ['datetime', '2024-12-31T23:59:59.998', 'datetime', '2025-01-01T00:00:00.000'],
    ['datetime', '0001-01-01T00:00:00', 'datetime', '1753-01-01T00:00:00.000'],
    ['datetime', '9999-12-31T23:59:59.997', 'datetime', '9999-12-31T23:59:59.997'],
    ['smalldatetime', '2024-01-01T10:00:00.000001', 'smalldatetime', '2024-01-01T10:01:00.000'],
    ['smalldatetime', '1850-01-01T00:00:00', 'smalldatetime', '1900-01-01T00:00:00.000'],
    ['datetime2(7)', '2024-01-01T00:00:00.123456', 'datetime2(7)', '2024-01-01T00:00:00.123456'],
    ['datetime2(3)', '2024-01-01T00:00:00.0005', 'datetime2(6)', '2024-01-01T00:00:00.0005'],
    ['datetimeoffset(7)', '2024-01-01T00:00:00', 'datetimeoffset(7)', '2024-01-01T00:00:00Z'],
  ])('%s from %s on', (nativeType, at, type, text) => {
    expect(boundOf(nativeType, at)).toEqual({ text: `CAST(@p1 AS ${type})`, params: [text] });
  });

  test.each([
    ['datetime', '9999-12-31T23:59:59.997001'],
    ['smalldatetime', '2079-06-06T23:59:00.000001'],
    ['datetime2(7)', '+010000-01-01T00:00:00'],
    ['datetimeoffset(3)', '+010000-01-01T00:00:00'],
  ])('%s has nothing from %s on', (nativeType, at) => {
    expect(boundOf(nativeType, at)).toBeUndefined();
  });

  test('the row of a tick is kept by the bounds of a sync', () => {
    const scope = scopeOf('datetime', 'timestamp');
    const at = '2024-01-01T00:00:00.003';
    const range: Filter = {
      and: [
        { field: 'c', op: 'gte', value: at },
        { field: 'c', op: 'lte', value: at },
      ],
    };
    expect(filter(range, scope)).toEqual({
      text: '([c] >= CAST(@p1 AS datetime) AND [c] < CAST(@p2 AS datetime))',
      params: ['2024-01-01T00:00:00.003', '2024-01-01T00:00:00.007'],
    });
  });
});

describe('the last day', () => {
  test.each([
    ['eq', '[c] >= CAST(@p1 AS datetimeoffset(7))'],
    ['lte', '[c] IS NOT NULL'],
    ['gt', '(1 = 0)'],
    [
      'ne',
      '([c] < CAST(@p1 AS datetimeoffset(7)) OR DATEADD(nanosecond, -(DATEPART(nanosecond, [c]) % 1000), [c]) IS NULL)',
    ],
  ] as const)('%s 9999-12-31 in a zone behind UTC names no day of the year 10000', (op, text) => {
    const found = filter(
      { field: 'c', op, value: '9999-12-31' },
      scopeOf('datetimeoffset(7)', 'timestamptz'),
    );
    expect(found.text).toBe(text);
    expect(found.params.every((value) => String(value).startsWith('9999-12-31'))).toBe(true);
  });

  test('the same where the server’s type is not known', () => {
    const columns = columnsByName([{ name: 'c', type: 'timestamptz' }]);
    const scope = { ...scopeOf('', 'text'), columns };
    expect(filter({ field: 'c', op: 'eq', value: '9999-12-31' }, scope)).toEqual({
      text: '[c] >= CAST(@p1 AS datetimeoffset(6))',
      params: ['9999-12-31T05:00:00Z'],
    });
    expect(() => filter({ field: 'c', op: 'lt', value: '9999-12-31T23:00:00-05:00' }, scope)).toThrow(
      'its value must be an ISO date or time',
    );
  });

  test('an instant of the last day keeps the clock of UTC, in zones before and behind it', () => {
    const of = (zone: string) =>
      render(
        dialect.shown.timestamptz(compileExpression('c', scopeOf('', 'timestamptz'), '').sql, zone),
        dialect,
      ).text;
    expect(of('Asia/Riyadh')).toContain("WHEN [c] >= '9999-12-31T00:00:00' THEN 0");
    expect(of('Asia/Riyadh')).toContain("WHEN [c] >= '9999-12-31T00:00:00' THEN '+00:00'");
    expect(of('America/New_York')).toContain("WHEN [c] < '0001-01-02T00:00:00' THEN 0");
    expect(of('America/New_York')).not.toContain('9999-12-31');
    expect(of('UTC')).not.toContain('CASE WHEN [c]');
  });
});

describe('long lists', () => {
  const values = Array.from({ length: 600 }, (_, i) => `v${i}`);
  const listed = (textComparison: 'exact' | 'database') => {
    const spelled = dialectFor('mssql', { textComparison, zones: zoneTable() });
    const scope = { ...scopeOf('varchar(9)', 'text'), dialect: spelled };
    return render(compileFilter({ field: 'c', op: 'in', values }, scope, ''), spelled);
  };

  test('the collation of the column decides, and not that of OPENJSON', () => {
    expect(listed('database')).toEqual({
      text: "([c] IN (SELECT CONVERT(nvarchar(max), CONVERT(varbinary(max), j.v)) FROM OPENJSON(@p1) WITH (v nvarchar(max) '$') AS j))",
      params: [JSON.stringify(values)],
    });
    expect(listed('exact').text).toContain(
      '((CONVERT(nvarchar(max), j.v) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)',
    );
  });

  test('of datetimes are cast to datetime, without those that no row shows', () => {
    const start = Temporal.PlainDateTime.from('2024-01-01T00:00:00');
    const moments = Array.from({ length: 2000 }, (_, i) => start.add({ milliseconds: i }).toString());
    const { text, params } = filter(
      { field: 'c', op: 'in', values: moments },
      scopeOf('datetime', 'timestamp'),
    );
    expect(text).toBe(
      "([c] IN (SELECT CAST(j.v AS datetime) FROM OPENJSON(@p1) WITH (v nvarchar(max) '$') AS j))",
    );
    const sent = JSON.parse(String(params[0])) as string[];
    expect(sent.length).toBe(600);
    expect(sent.every((each) => /[037]$/.test(each))).toBe(true);
  });

  test('a list of moments that no row shows keeps none', () => {
    const where: Filter = { field: 'c', op: 'in', values: ['2024-01-01T00:00:00.001'] };
    expect(filter(where, scopeOf('datetime', 'timestamp')).text).toBe('(1 = 0)');
  });
});

describe('CASE in CASE', () => {
  const chain = (levels: number, of = 'n'): string =>
    levels === 0 ? '0' : `case when ${of} = ${levels} then ${levels} else ${chain(levels - 1, of)} end`;
  const depth = (text: string) => {
    let [level, most] = [0, 0];
    for (const [word] of text.matchAll(/\b(?:CASE|END)\b/g)) {
      level += word === 'CASE' ? 1 : -1;
      most = Math.max(most, level);
    }
    return most;
  };
  const compiled = (text: string) =>
    render(compileExpression(text, scopeOf('', 'integer'), '/expr').sql, dialect).text;

  test('a chain of thirty is one CASE with thirty branches', () => {
    const text = compiled(chain(30));
    expect(depth(text)).toBe(1);
    expect(text.match(/ WHEN /g)).toHaveLength(30);
  });

  test('few levels stay as they are written', () => {
    expect(depth(compiled(chain(4)))).toBe(4);
  });

  test('what cannot be one CASE is refused in words', () => {
    const nested = Array.from({ length: 11 }).reduce((inner) => `nullif(${inner}, 1)`, 'n');
    expect(() => compiled(String(nested))).toThrow(
      'SQL Server nests CASE at most 10 levels deep, and the expression comes to',
    );
  });
});
