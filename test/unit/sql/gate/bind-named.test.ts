import { describe, expect, test } from 'bun:test';
import { AppError } from '../../../../src/base/errors.ts';
import type { Engine } from '../../../../src/sql/dialect.ts';
import { bindNamed, bindSelect, type NamedParams } from '../../../../src/sql/gate/bind-named.ts';
import { checkSelect } from '../../../../src/sql/gate/check-select.ts';
import '../../../support/hostile/corpus.ts';

const bind = (text: string, params: NamedParams, engine: Engine = 'postgres') =>
  bindNamed(checkSelect(text, engine, { allowedTables: () => true }), params);

function fault(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('named parameters', () => {
  const text = 'select a from t where a > :low and b < :high or c = :low';

  test.each([
    ['postgres', 'select a from t where a > $1 and b < $2 or c = $1', [1, 2]],
    ['duckdb', 'select a from t where a > $1 and b < $2 or c = $1', [1, 2]],
    ['mssql', 'select a from t where a > @p1 and b < @p2 or c = @p1', [1, 2]],
    ['mysql', 'select a from t where a > ? and b < ? or c = ?', [1, 2, 1]],
  ] as const)('are positional in %s', (engine, expected, params) => {
    expect(bind(text, { low: 1, high: 2 }, engine)).toEqual({ text: expected, params: [...params] });
  });

  test.each([
    ["select '12:30' as t, ':x' as u from t"],
    ['select a::int, b::text from t'],
    ['select "a:b" from t'],
    ["select $$:x$$, $t$:y$t$, E':z\\n' from t"],
    ['select a[1:2], a[b:c], a[(1):c] from t'],
    ["select data->>'a', data #> '{a,b}' from t"],
    ['select a -- :x\n from t /* :y */'],
  ])('are not seen in %s', (other) => {
    expect(checkSelect(other, 'postgres').params).toEqual([]);
  });

  test('are seen beside casts and in slices', () => {
    expect(
      bind('select :a::int, x[:b:2], x[1 : :c], (:d)::text from t', { a: 1, b: 2, c: 3, d: 'x' }),
    ).toEqual({
      text: 'select $1::int, x[$2 : 2], x[1 : $3], ($4)::text from t',
      params: [1, 2, 3, 'x'],
    });
  });

  test('are not seen in lambdas and structs of DuckDB', () => {
    const other = "select list_filter([1], lambda x: x > 1), {'a':b} from t";
    expect(checkSelect(other, 'duckdb', { allowedTables: () => true }).params).toEqual([]);
  });

  test.each([
    ['a parameter without a value', { low: 1 }, '/params/high'],
    ['a value without a parameter', { low: 1, high: 2, other: 3 }, '/params/other'],
    ['a name that every object has', { low: 1, high: 2, toString: 3 }, '/params/toString'],
    ['a number that is none', { low: 1, high: Number.NaN }, '/params/high'],
    ['an object', { low: 1, high: {} as never }, '/params/high'],
  ])('%s is a fault of the request', (_what, params: NamedParams, pointer) => {
    const { code, pointer: given } = fault(() => bind(text, params));
    expect({ code, pointer: given }).toEqual({ code: 'request.invalid', pointer });
  });

  test('hostile values stay values', () => {
    const value = `'; drop table orders; --`;
    expect(bind('select * from t where a = :a', { a: value })).toEqual({
      text: 'select * from t where a = $1',
      params: [value],
    });
  });

  test('a fragment keeps text and values apart', () => {
    const checked = checkSelect('select :a as x', 'postgres');
    expect(bindSelect(checked, { a: null }).parts).toEqual([
      { kind: 'text', text: 'select ' },
      { kind: 'param', value: null },
      { kind: 'text', text: ' as x' },
    ]);
  });
});
