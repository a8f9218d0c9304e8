import { describe, expect, test } from 'bun:test';
import type { Column } from '../../../../src/domain/column.ts';
import type { SourceEngine } from '../../../../src/domain/datasource.ts';
import type { QuerySpec } from '../../../../src/domain/query-spec.ts';
import { raw, render } from '../../../../src/sql/ast.ts';
import { dialectFor } from '../../../../src/sql/dialects/for-engine.ts';
import { zoneTable } from '../../../../src/sql/dialects/zone-table.ts';
import { compileSpec } from '../../../../src/sql/spec.ts';
import { scopeOf } from '../duckdb.ts';

const COLUMNS: Column[] = [
  { name: 't', type: 'text' },
  { name: 'i', type: 'integer' },
  { name: 'f', type: 'float' },
  { name: 'd', type: 'decimal' },
  { name: 'at', type: 'timestamptz' },
];
const zones = zoneTable();

function statement(
  engine: SourceEngine,
  spec: Omit<QuerySpec, 'from'>,
  textComparison: 'exact' | 'database' = 'exact',
) {
  const dialect = dialectFor(engine, { textComparison, zones });
  const scope = scopeOf(COLUMNS, { dialect, timezone: 'Europe/Rome' });
  return render(compileSpec({ from: {}, ...spec }, raw('s'), scope).statement, dialect);
}

describe.each(['postgres', 'mysql', 'mssql'] as const)('%s', (engine) => {
  const { quote } = dialectFor(engine, { textComparison: 'exact', zones });

  test('the collation may decide what is equal', () => {
    const spec: Omit<QuerySpec, 'from'> = {
      dimensions: ['t'],
      where: { field: 't', op: 'eq', value: 'a' },
    };
    expect(statement(engine, spec).text).toMatch(/COLLATE|BINARY/);
    expect(statement(engine, spec, 'database').text).not.toMatch(/COLLATE|BINARY/);
  });

  test('columns of the answer have names of ours, however long the caller calls them', () => {
    const { text } = statement(engine, { dimensions: [{ field: 'i', as: 'x'.repeat(200) }] });
    expect(text).toContain(' AS c0');
    expect(text).not.toContain('xxx');
  });

  test('an order that is asked twice is given once', () => {
    const by = { by: 'count', dir: 'desc' } as const;
    const { text } = statement(engine, { measures: [{ agg: 'count' }], order: [by, { ...by, dir: 'asc' }] });
    expect(text.match(/g\.m0 (ASC|DESC)/g)).toEqual(['g.m0 DESC']);
  });

  test('what is no finite number is refused where the engine has none', () => {
    const ask = () => statement(engine, { dimensions: ['i'], where: { field: 'f', op: 'lt', value: 'NaN' } });
    if (engine === 'postgres') expect(ask().params).toEqual(['NaN']);
    else expect(ask).toThrow(expect.objectContaining({ code: 'query.unsupported' }));
  });

  test('a quote in a name stays inside of the name', () => {
    const [open, close] = [quote('x')[0]!, quote('x').at(-1)!];
    expect(quote(`a${close}; drop table t; --`)).toBe(`${open}a${close}${close}; drop table t; --${close}`);
  });

  test('values stand in no statement', () => {
    const hostile = "'; drop table t; --";
    const { text, params } = statement(engine, {
      dimensions: ['t'],
      where: {
        or: [
          ...(['eq', 'ne', 'lt', 'contains', 'like'] as const).map((op) => ({
            field: 't',
            op,
            value: hostile,
          })),
          { field: 't', op: 'in' as const, values: [hostile] },
        ],
      },
    });
    expect(text).not.toContain('drop');
    expect(params.every((value) => String(value).includes('drop'))).toBe(true);
  });
});

test('rows whose order is not wanted are not sorted', () => {
  const dialect = dialectFor('postgres', { textComparison: 'exact', zones });
  const page = { limit: null, offset: 0, unordered: true };
  const { statement: compiled } = compileSpec(
    { from: {}, dimensions: ['t'] },
    raw('s'),
    scopeOf(COLUMNS, { dialect }),
    page,
  );
  expect(render(compiled, dialect).text).not.toContain('ORDER BY');
});

test('a parameter that is compared twice is sent once where engines number them', () => {
  const where = { field: 't', op: 'eq', value: 'a' } as const;
  expect(statement('postgres', { dimensions: ['i'], where }).params).toEqual(['a']);
  expect(statement('mssql', { dimensions: ['i'], where }).params).toEqual(['a']);
  expect(statement('mysql', { dimensions: ['i'], where }).params).toEqual(['a', 'a']);
});

test('what a charset may not hold is compared in Unicode only', () => {
  const where = (value: string) => ({ field: 't', op: 'eq', value }) as const;
  expect(statement('mysql', { dimensions: ['i'], where: where('a') }).text).toContain('`t` = ?');
  expect(statement('mysql', { dimensions: ['i'], where: where('ع') }).text).not.toContain('`t` = ?');
});

describe('SQL Server', () => {
  test.each([
    [{ limit: 0 }, /OFFSET 9007199254740991 ROWS$/],
    [{ limit: 5, offset: 2 }, /OFFSET 2 ROWS FETCH NEXT 5 ROWS ONLY$/],
    [{ offset: 2 }, /OFFSET 2 ROWS$/],
    [{}, /ASC$/],
  ])('pages %p', (page, wanted) => {
    expect(statement('mssql', { dimensions: ['i'], ...page }).text).toMatch(wanted);
  });

  test('a page needs an order', () => {
    const { text } = statement('mssql', { measures: [{ agg: 'count' }], limit: 5 });
    expect(text).toEndWith('ORDER BY (SELECT NULL) OFFSET 0 ROWS FETCH NEXT 5 ROWS ONLY');
  });

  test('lists past the number of parameters travel as one for each shape', () => {
    const values = Array.from({ length: 3000 }, (_, i) => (i < 2990 ? i : i + 0.5));
    const { text, params } = statement('mssql', {
      dimensions: ['i'],
      where: { field: 'i', op: 'in', values },
    });
    expect(text.match(/OPENJSON/g)?.length).toBe(params.length);
    expect(params.length).toBeLessThan(10);
    expect(
      params
        .flatMap((param) => JSON.parse(String(param)))
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual(values);
  });

  test('a long list of texts is compared exactly, not in the collation of the column', () => {
    const values = Array.from({ length: 600 }, (_, i) => `v${i}`);
    const { text } = statement('mssql', { dimensions: ['i'], where: { field: 't', op: 'notIn', values } });
    expect(text).toContain('COLLATE Latin1_General_100_BIN2) IN (SELECT ((CONVERT(nvarchar(max), j.v)');
    expect(text).not.toContain('[t] IN');
  });

  test('zones are known by their changes, not by names of the server', () => {
    const { text } = statement('mssql', { dimensions: [{ field: 'at', grain: 'day' }] });
    expect(text).toContain("[at] < '2024-03-31T01:00:00' THEN 3600");
    expect(text).not.toContain('Europe/Rome');
  });
});
