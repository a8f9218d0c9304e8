import { describe, expect, test } from 'bun:test';
import { AppError } from '../../../../src/base/errors.ts';
import type { Column } from '../../../../src/domain/column.ts';
import { TOO_LONG } from '../../../../src/domain/long-text.ts';
import { render } from '../../../../src/sql/ast.ts';
import { duckdb } from '../../../../src/sql/dialects/duckdb.ts';
import { dialectFor } from '../../../../src/sql/dialects/for-engine.ts';
import { zoneTable } from '../../../../src/sql/dialects/zone-table.ts';
import { compileExpression } from '../../../../src/sql/expression/expression.ts';
import { columnsByName, type Scope } from '../../../../src/sql/scope.ts';

const COLUMNS: Column[] = [
  { name: 'word', type: 'text' },
  { name: 'note', type: 'text' },
  { name: 'size', type: 'integer' },
  { name: 'day', type: 'date' },
];
const ENGINES = ['duckdb', 'postgres', 'mysql', 'mssql'] as const;
const A24 = 'a'.repeat(24);
const replaced = (times: number, inner = 'word') =>
  Array.from({ length: times }).reduce<string>((text) => `replace(${text}, 'a', '${A24}')`, inner);

function compiled(text: string, engine: (typeof ENGINES)[number], maxValueBytes = 256 << 10): string {
  const options = { textComparison: 'exact', zones: zoneTable() } as const;
  const dialect = engine === 'duckdb' ? duckdb : dialectFor(engine, options);
  const scope: Scope = {
    columns: columnsByName(COLUMNS),
    dialect,
    timezone: 'UTC',
    weekStart: 'monday',
    nowMs: 0,
    ranges: [],
  };
  const limits = { maxBytes: 10_000, maxDepth: 200, maxValueBytes };
  return render(compileExpression(text, scope, '/expr', limits).sql, dialect).text;
}

function faultOf(text: string, engine: (typeof ENGINES)[number]): AppError {
  try {
    compiled(text, engine);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error(`${text} was not refused`);
}

const guards = (text: string, engine: (typeof ENGINES)[number] = 'duckdb') =>
  compiled(text, engine).split(TOO_LONG).length - 1;

describe.each(ENGINES)('%s', (engine) => {
  test.each([
    replaced(8),
    replaced(2),
    'replace(word, note, word)',
    `concat(${Array.from({ length: 100 }, () => "replace(word, 'a', 'aa')").join(', ')})`,
    `case when ${replaced(3)} = 'x' then 1 end`,
    `length(${replaced(3)})`,
    `lower(upper(lower(upper(lower(upper(word || note))))))`,
    `translate(translate(translate(word, 'ab', 'ba'), 'ab', 'ba'), 'ab', 'ba')`,
    `concat_ws(replace(word, ' ', 'abcdefgh'), ${Array.from({ length: 40 }, () => 'note').join(', ')})`,
    replaced(4, 'left(word, 5)'),
  ])('refuses what could make a long text: %s', (text) => {
    const { code, pointer, params } = faultOf(text, engine);
    expect({ code, pointer, limit: params?.limit, most: params?.most }).toEqual({
      code: 'request.invalid',
      pointer: '/expr',
      limit: 'EXPRESSION_MAX_VALUE_BYTES',
      most: 262_144,
    });
  });

  test.each([
    "replace(word, ' ', '_')",
    "replace(replace(replace(word, ',', ', '), '-', ' '), ';', '')",
    "lpad(word, 8, '0')",
    "rpad(left(word, 10), 1000, '.')",
    "concat(word, ' ', note, ' ', size)",
    "word || '-' || note || '-' || cast(day as text)",
    "upper(trim(coalesce(word, note, 'none')))",
    "case when word like 'a%' then replace(word, 'a', 'b') else note end",
    "split_part(word, ',', 1) || substring(note, 1, 20)",
    "translate(word, 'àéù', 'aeu')",
  ])('leaves ordinary texts as they are: %s', (text) => {
    expect(compiled(text, engine)).not.toContain(TOO_LONG);
  });

  test('bounds the fields that decide, and only those', () => {
    expect(guards(replaced(1), engine)).toBe(1);
    expect(guards(`concat(${replaced(1)}, note)`, engine)).toBe(2);
    expect(guards(`concat(${replaced(1)}, left(note, 10), size)`, engine)).toBe(1);
    expect(guards(replaced(2, 'left(word, 5)'), engine)).toBe(0);
  });
});

test('a concatenation of a hundred columns is no growth', () => {
  expect(guards(`concat(${Array.from({ length: 100 }, () => 'word').join(', ')})`)).toBe(0);
});

test('the setting decides', () => {
  expect(() => compiled(replaced(1), 'duckdb', 1024)).toThrow('more than 1024 bytes');
  expect(compiled(replaced(2), 'duckdb', 2 << 20)).toContain(TOO_LONG);
});
