import { describe, expect, test } from 'bun:test';
import { AppError } from '../../../../src/base/errors.ts';
import type { Column } from '../../../../src/domain/column.ts';
import { render } from '../../../../src/sql/ast.ts';
import type { Dialect } from '../../../../src/sql/dialect.ts';
import { duckdb } from '../../../../src/sql/dialects/duckdb.ts';
import { dialectFor } from '../../../../src/sql/dialects/for-engine.ts';
import { zoneTable } from '../../../../src/sql/dialects/zone-table.ts';
import { unsupported } from '../../../../src/sql/expression/dialects/expression-dialect.ts';
import { compileExpression } from '../../../../src/sql/expression/expression.ts';
import { FUNCTIONS } from '../../../../src/sql/expression/functions.ts';
import { columnsByName, type Scope } from '../../../../src/sql/scope.ts';

const COLUMNS: Column[] = [
  { name: 'word', type: 'text' },
  { name: 'size', type: 'integer' },
  { name: 'amount', type: 'decimal', scale: 2 },
  { name: 'fine', type: 'decimal', scale: 10 },
  { name: 'loose', type: 'decimal' },
  { name: 'ratio', type: 'float' },
  { name: 'flag', type: 'boolean' },
  { name: 'day', type: 'date' },
  { name: 'clock', type: 'time' },
  { name: 'wall', type: 'timestamp' },
  { name: 'at', type: 'timestamptz' },
  { name: 'ident', type: 'uuid' },
  { name: 'doc', type: 'json' },
  { name: 'bytes', type: 'binary' },
  { name: 'Total "net"', type: 'integer' },
];

const options = { textComparison: 'exact', zones: zoneTable() } as const;
const DIALECTS: Dialect[] = [
  duckdb,
  ...(['postgres', 'mysql', 'mssql'] as const).map((engine) => dialectFor(engine, options)),
];

const scopeOf = (dialect: Dialect): Scope & { clockReads: string[] } => ({
  columns: columnsByName(COLUMNS),
  dialect,
  timezone: 'UTC',
  weekStart: 'monday',
  nowMs: 0,
  ranges: [],
  clockReads: [],
});

function faultOf(text: string, dialect: Dialect = duckdb): AppError {
  try {
    compileExpression(text, scopeOf(dialect), '/dimensions/0/expr');
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error(`${text} was not refused`);
}

describe.each(DIALECTS.map((dialect) => [dialect.engine, dialect] as const))('%s refuses', (_, dialect) => {
  test.each<[string, string, Record<string, unknown>]>([
    ['sise', 'query.field', { field: 'sise', near: ['size'] }],
    ['Word', 'query.field', { near: ['word'] }],
    ['t.size', 'query.field', { field: 't.size' }],
    ['lowr(word)', 'query.syntax', { function: 'lowr', near: ['lower'] }],
    ['pg_sleep(5)', 'query.syntax', { function: 'pg_sleep' }],
    ['read_csv(word)', 'query.syntax', { function: 'read_csv' }],
    ['constructor(word)', 'query.syntax', { function: 'constructor' }],
    ['sum(size)', 'query.syntax', { function: 'sum' }],
    ['lower()', 'query.syntax', { function: 'lower', position: 1 }],
    ['1 + lower(word, word)', 'query.syntax', { function: 'lower', position: 5 }],
    ['word + 1', 'query.type', { position: 6, type: 'text' }],
    ["'1' + 1", 'query.type', { type: 'text' }],
    ['flag * 2', 'query.type', { type: 'boolean' }],
    ['-word', 'query.type', { type: 'text' }],
    ['ratio % 2', 'query.type', { position: 7 }],
    ['mod(ratio, 2)', 'query.type', { function: 'mod' }],
    ['fine * fine', 'query.type', { position: 6 }],
    ['word = size', 'query.type', { types: ['text', 'integer'] }],
    ['flag = 1', 'query.type', { types: ['boolean', 'integer'] }],
    ['day = at', 'query.type', { types: ['date', 'timestamptz'] }],
    ["day = 'yesterday'", 'query.type', { type: 'date' }],
    ["day = '2024-02-30'", 'query.type', { type: 'date' }],
    ["date '2024-02-29 10:00'", 'query.type', { type: 'date' }],
    ["ident = 'x'", 'query.type', { type: 'uuid' }],
    ['doc = doc', 'query.type', { type: 'json' }],
    ['bytes = bytes', 'query.type', { type: 'binary' }],
    ['not size', 'query.type', { type: 'integer' }],
    ['size and flag', 'query.type', { type: 'integer' }],
    ['case when word then 1 end', 'query.type', { type: 'text' }],
    ["case when flag then 1 else 'a' end", 'query.type', { types: ['integer', 'text'] }],
    ['coalesce(size, word)', 'query.type', {}],
    ['greatest(flag, flag)', 'query.type', { function: 'greatest' }],
    ['size in (1, word)', 'query.type', {}],
    ["size like '1%'", 'query.type', { type: 'integer' }],
    ['word like word', 'query.type', { position: 11 }],
    ["word like 'a\\'", 'request.invalid', {}],
    ['lower(size)', 'query.type', { function: 'lower', type: 'integer' }],
    ['round(word)', 'query.type', { function: 'round' }],
    ['round(amount, size)', 'query.type', { function: 'round' }],
    ['round(amount, 99)', 'query.type', { function: 'round' }],
    ['left(word, 1.5)', 'query.type', { function: 'left' }],
    ['translate(word, word, word)', 'query.type', { function: 'translate' }],
    ["split_part(word, '', 1)", 'query.type', { function: 'split_part' }],
    ["split_part(word, ',', 0)", 'query.type', { function: 'split_part' }],
    ['lpad(word, 1001)', 'query.type', { function: 'lpad' }],
    ["lpad(word, 5, '')", 'query.type', { function: 'lpad' }],
    ['ratio::text', 'query.type', { type: 'float', target: 'text' }],
    ["ratio || 'x'", 'query.type', { target: 'text' }],
    ['size::date', 'query.type', { target: 'date' }],
    ['word::uuid', 'query.type', { target: 'uuid' }],
    ['day::integer', 'query.type', { target: 'integer' }],
    ["interval '1 day'", 'query.type', {}],
    ["size + interval '1 day'", 'query.type', { type: 'integer' }],
    ["at + interval '1 month'", 'query.type', { type: 'timestamptz' }],
    ["date_add('day', 1, at)", 'query.type', { type: 'timestamptz' }],
    ['day + day', 'query.type', {}],
    ['wall - wall', 'query.type', {}],
    ['day * 2', 'query.type', {}],
    ["date_trunc('fortnight', day)", 'query.type', { function: 'date_trunc' }],
    ["date_trunc('hour', day)", 'query.type', {}],
    ['date_trunc(word, day)', 'query.type', { function: 'date_trunc' }],
    ["date_trunc('month', word)", 'query.type', { function: 'date_trunc' }],
    ['extract(epoch from day)', 'query.type', { function: 'extract' }],
    ['extract(hour from day)', 'query.type', { function: 'extract' }],
    ["date_diff('day', day, at)", 'query.type', {}],
    ['12345678901234567890123456789012345678901', 'query.type', {}],
    ['0.1234567890123456789', 'query.type', {}],
  ])('%s', (text, code, params) => {
    const fault = faultOf(text, dialect);
    expect(fault.code).toBe(code as never);
    expect(fault.pointer).toBe('/dimensions/0/expr');
    expect(fault.params ?? {}).toMatchObject(params);
  });
});

test('a text becomes as large as is allowed and no larger', () => {
  const nested = (depth: number): string => (depth === 0 ? 'word' : `nullif(${nested(depth - 1)}, 'a')`);
  expect(faultOf(nested(60))).toMatchObject({ code: 'request.invalid' });
  expect(() => compileExpression(nested(5), scopeOf(duckdb), '')).not.toThrow();
});

test('an engine without a function says so with its name and the place', () => {
  expect(() => unsupported('mysql', 'reverse')()).toThrow('MySQL cannot do reverse');
});

test.each(DIALECTS.map((dialect) => [dialect.engine, dialect] as const))(
  '%s gets values as parameters and names in its own quotes',
  (_, dialect) => {
    const hostile = `x'; DROP TABLE t; --`;
    const text = `"Total ""net""" || '${hostile.replaceAll("'", "''")}' || replace(word, '${'\\'}', '0')`;
    const { sql } = compileExpression(text, scopeOf(dialect), '');
    const { text: statement, params } = render(sql, dialect);
    expect(params).toContain(hostile);
    expect(params).toContain('\\');
    expect(statement).not.toContain('DROP');
    expect(statement).toContain(dialect.quote('Total "net"'));
  },
);

test('the clock is read once and told', () => {
  const scope = scopeOf(duckdb);
  compileExpression('size + 1', scope, '/a');
  expect(scope.clockReads).toEqual([]);
  compileExpression('day < current_date', scope, '/b');
  expect(scope.clockReads).toEqual(['/b']);
});

test.each([
  ['size + 1', 'integer', undefined],
  ['size / 1', 'float', undefined],
  ['amount * size', 'decimal', 2],
  ['amount * amount', 'decimal', 4],
  ['amount + 0.125', 'decimal', 3],
  ['amount + ratio', 'float', undefined],
  ['loose + 1', 'decimal', undefined],
  ['coalesce(size, amount)', 'decimal', 2],
  ['round(amount, 1)', 'decimal', 1],
  ['round(amount)', 'integer', undefined],
  ['avg_is_no_field is null', undefined, undefined],
  ['size > 1', 'boolean', undefined],
  ["day + interval '1 month'", 'date', undefined],
  ["day + interval '1 hour'", 'timestamp', undefined],
  ['null', 'text', undefined],
])('%s is of type %p', (text, type, scale) => {
  if (type === undefined) {
    expect(faultOf(text).code).toBe('query.field');
    return;
  }
  const { column } = compileExpression(text, scopeOf(duckdb), '');
  expect(column.type).toBe(type as never);
  expect(column.scale).toBe(scale as never);
});

test('every function says how it is called', () => {
  for (const [name, { usage, min, max }] of Object.entries(FUNCTIONS)) {
    expect(usage).toStartWith(name);
    expect(max).toBeGreaterThanOrEqual(min);
  }
});
