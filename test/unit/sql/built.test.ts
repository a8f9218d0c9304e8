import { expect, test } from 'bun:test';
import { AppError } from '../../../src/base/errors.ts';
import type { PivotSpec } from '../../../src/domain/pivot-spec.ts';
import { AGGREGATIONS, BUILT_AGGREGATIONS, type QuerySpec } from '../../../src/domain/query-spec.ts';
import { refuseNotBuilt } from '../../../src/sql/built.ts';

const from = { dataset: 't' };
const measures = [{ agg: 'count' as const }];

function faultOf(work: () => void): { code: string; pointer: string | undefined } | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, pointer: error.pointer };
  }
}

const notBuilt = (pointer: string) => ({ code: 'query.not_built', pointer });

test.each<[QuerySpec, string]>([
  [{ from, joins: [] }, '/joins'],
  [{ from, time: null }, '/time'],
  [{ from, locale: 'de' }, '/locale'],
  [{ from, calendar: 'x' }, '/calendar'],
  [{ from, dimensions: ['a', { field: 'a', bins: [1] }] }, '/dimensions/1/bins'],
  ...(
    ['formula', 'of', 'show', 'window', 'at', 'by', 'per', 'p', 'orderBy', 'weight', 'base', 'level'] as const
  ).map((key): [QuerySpec, string] => [
    { from, measures: [...measures, { [key]: 'x' }] },
    `/measures/1/${key}`,
  ]),
])('%j is not built', (spec, pointer) => {
  expect(faultOf(() => refuseNotBuilt(spec, 'spec'))).toEqual(notBuilt(pointer));
});

test.each(AGGREGATIONS.map((agg) => [agg, (BUILT_AGGREGATIONS as readonly string[]).includes(agg)] as const))(
  'the aggregation %s: built %p',
  (agg, built) => {
    const fault = faultOf(() => refuseNotBuilt({ from, measures: [{ agg, field: 'a' }] }, 'spec'));
    expect(fault).toEqual(built ? undefined : notBuilt('/measures/0/agg'));
  },
);

test.each<[Partial<PivotSpec>, string]>([
  [{ having: {} }, '/having'],
  [{ top: [] }, '/top'],
  [{ expand: [] }, '/expand'],
  [{ rows: [{ expr: 'x', as: 'y', bins: [] }] }, '/rows/0/bins'],
  [{ columns: ['a', { field: 'a', bins: [] }] }, '/columns/1/bins'],
])('a pivot with %j is not built', (part, pointer) => {
  expect(faultOf(() => refuseNotBuilt({ from, measures, ...part }, 'pivot'))).toEqual(notBuilt(pointer));
});

test('what is missing is told', () => {
  const invalid = (pointer: string) => ({ code: 'request.invalid', pointer });
  expect(faultOf(() => refuseNotBuilt({ from, dimensions: [{ as: 'x' }] }, 'spec'))).toEqual(
    invalid('/dimensions/0'),
  );
  expect(faultOf(() => refuseNotBuilt({ from, measures: [{ as: 'x' }] }, 'spec'))).toEqual(
    invalid('/measures/0'),
  );
  expect(faultOf(() => refuseNotBuilt({ from, measures: [{ agg: 'sum' }] }, 'spec'))).toEqual(
    invalid('/measures/0'),
  );
  expect(faultOf(() => refuseNotBuilt({ from, field: {} }, 'distinct'))).toEqual(invalid('/field'));
  expect(faultOf(() => refuseNotBuilt({ from, dimensions: [{ expr: 'a + 1' }] }, 'spec'))).toEqual(
    invalid('/dimensions/0'),
  );
  expect(
    faultOf(() => refuseNotBuilt({ from, rows: [{ field: 'a', expr: 'a', as: 'b' }], measures }, 'pivot')),
  ).toEqual(invalid('/rows/0/expr'));
  expect(faultOf(() => refuseNotBuilt({ from, measures: [{ agg: 'sum', expr: 'a' }] }, 'spec'))).toEqual(
    invalid('/measures/0'),
  );
});

test('what is built passes', () => {
  expect(
    faultOf(() => refuseNotBuilt({ from, dimensions: ['a'], measures, having: { and: [] } }, 'spec')),
  ).toBeUndefined();
  expect(faultOf(() => refuseNotBuilt({ from, rows: ['a'], measures }, 'pivot'))).toBeUndefined();
  expect(faultOf(() => refuseNotBuilt({ from, field: 'a' }, 'distinct'))).toBeUndefined();
  expect(faultOf(() => refuseNotBuilt({ from, field: { expr: 'a', as: 'b' } }, 'distinct'))).toBeUndefined();
  expect(
    faultOf(() => refuseNotBuilt({ from, measures: [{ agg: 'sum', expr: 'a * b', as: 'c' }] }, 'spec')),
  ).toBeUndefined();
});
