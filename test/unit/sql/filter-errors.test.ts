import { describe, expect, test } from 'bun:test';
import { AppError, type Code } from '../../../src/base/errors.ts';
import type { Column } from '../../../src/domain/column.ts';
import type { Condition, Filter } from '../../../src/domain/filter.ts';
import { compileFilter } from '../../../src/sql/filter.ts';
import { checkTimezone } from '../../../src/sql/scope.ts';
import { scopeOf } from './duckdb.ts';

const COLUMNS: Column[] = [
  { name: 'region', type: 'text' },
  { name: 'amount', type: 'decimal' },
  { name: 'n', type: 'integer' },
  { name: 'share', type: 'float' },
  { name: 'paid', type: 'boolean' },
  { name: 'day', type: 'date' },
  { name: 'clock', type: 'time' },
  { name: 'local', type: 'timestamp' },
  { name: 'instant', type: 'timestamptz' },
  { name: 'key', type: 'uuid' },
  { name: 'doc', type: 'json' },
  { name: 'bytes', type: 'binary' },
];

function faultOf(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const refused = (filter: Filter) => faultOf(() => compileFilter(filter, scopeOf(COLUMNS), '/where'));

describe('a condition that does not fit is refused where it is wrong', () => {
  test.each<[Condition, Code, string]>([
    [{ field: 'Region', op: 'isNull' }, 'query.field', '/where/field'],
    [{ field: 'region', op: 'eq' }, 'request.invalid', '/where'],
    [{ field: 'region', op: 'in' }, 'request.invalid', '/where'],
    [{ field: 'day', op: 'during' }, 'request.invalid', '/where'],
    [{ field: 'region', op: 'eq', value: 'a', values: ['a'] }, 'request.invalid', '/where/values'],
    [{ field: 'region', op: 'isNull', value: 'a' }, 'request.invalid', '/where/value'],
    [
      { field: 'region', op: 'in', values: ['a'], range: { preset: 'today' } },
      'request.invalid',
      '/where/range',
    ],
    [
      { field: 'region', op: 'eq', value: 'a', caseSensitive: true },
      'request.invalid',
      '/where/caseSensitive',
    ],
    [{ field: 'region', op: 'eq', value: null }, 'request.invalid', '/where/value'],
    [{ field: 'region', op: 'contains', value: null }, 'request.invalid', '/where/value'],
    [{ field: 'n', op: 'between', values: [1] }, 'request.invalid', '/where/values'],
    [{ field: 'n', op: 'between', values: [1, 2, 3] }, 'request.invalid', '/where/values'],
    [{ field: 'n', op: 'between', values: [1, null] }, 'request.invalid', '/where/values/1'],
    [{ field: 'n', op: 'eq', value: 'abc' }, 'query.type', '/where/value'],
    [{ field: 'n', op: 'eq', value: '' }, 'query.type', '/where/value'],
    [{ field: 'n', op: 'eq', value: true }, 'query.type', '/where/value'],
    [{ field: 'n', op: 'eq', value: 2 ** 53 }, 'query.type', '/where/value'],
    [{ field: 'n', op: 'eq', value: '1e400' }, 'query.type', '/where/value'],
    [{ field: 'n', op: 'eq', value: '1; drop table t' }, 'query.type', '/where/value'],
    [{ field: 'n', op: 'in', values: [1, '2', 'x'] }, 'query.type', '/where/values/2'],
    [{ field: 'amount', op: 'gt', value: 'NaN' }, 'query.type', '/where/value'],
    [{ field: 'share', op: 'gt', value: 'much' }, 'query.type', '/where/value'],
    [{ field: 'paid', op: 'eq', value: 1 }, 'query.type', '/where/value'],
    [{ field: 'paid', op: 'gt', value: true }, 'query.type', '/where/op'],
    [{ field: 'region', op: 'eq', value: 5 }, 'query.type', '/where/value'],
    [{ field: 'region', op: 'contains', value: 5 }, 'query.type', '/where/value'],
    [{ field: 'n', op: 'contains', value: '5' }, 'query.type', '/where/op'],
    [{ field: 'day', op: 'like', value: '2024%' }, 'query.type', '/where/op'],
    [{ field: 'region', op: 'before', value: '2024-01-01' }, 'query.type', '/where/op'],
    [{ field: 'clock', op: 'during', range: { preset: 'today' } }, 'query.type', '/where/op'],
    [{ field: 'doc', op: 'gt', value: '{}' }, 'query.type', '/where/op'],
    [{ field: 'bytes', op: 'eq', value: 'a' }, 'query.type', '/where/op'],
    [{ field: 'key', op: 'eq', value: '1234' }, 'query.type', '/where/value'],
    [{ field: 'clock', op: 'eq', value: '24:00' }, 'query.type', '/where/value'],
    [{ field: 'day', op: 'eq', value: '2023-02-29' }, 'query.type', '/where/value'],
    [{ field: 'day', op: 'eq', value: '01/02/2023' }, 'query.type', '/where/value'],
    [{ field: 'day', op: 'eq', value: 20230101 }, 'query.type', '/where/value'],
    [{ field: 'day', op: 'eq', value: '0000-01-01' }, 'query.type', '/where/value'],
    [{ field: 'day', op: 'eq', value: '2023-02-28T10:00:00Z' }, 'query.type', '/where/value'],
    [{ field: 'local', op: 'eq', value: '2023-02-28T10:00:00+02:00' }, 'query.type', '/where/value'],
    [{ field: 'instant', op: 'eq', value: '2023-02-28T25:00' }, 'query.type', '/where/value'],
    [{ field: 'instant', op: 'eq', value: '2023-02-28T10:00:00+99:00' }, 'query.type', '/where/value'],
    [{ field: 'instant', op: 'eq', value: '2023-02-28T10:00:60Z' }, 'query.type', '/where/value'],
    [{ field: 'day', op: 'during', range: { from: 'soon' } }, 'request.invalid', '/where/range/from'],
    [
      { field: 'day', op: 'during', range: { preset: 'lastFortnight' } },
      'request.invalid',
      '/where/range/preset',
    ],
    [
      { field: 'day', op: 'during', range: { preset: 'lastWorkingDay' } },
      'query.not_built',
      '/where/range/preset',
    ],
    [
      { field: 'day', op: 'during', range: { period: 'day', asOf: 'lastWorkingDay' } },
      'query.not_built',
      '/where/range/asOf',
    ],
    [
      { field: 'day', op: 'during', range: { period: 'day', holidays: true } },
      'query.not_built',
      '/where/range/holidays',
    ],
    [
      { field: 'day', op: 'during', range: { period: 'year', offset: 9000 } },
      'request.invalid',
      '/where/range',
    ],
    [
      { field: 'day', op: 'during', range: { last: { n: 100_000, unit: 'year' } } },
      'request.invalid',
      '/where/range',
    ],
    [
      { field: 'local', op: 'during', range: { from: '2024-01-01T00:00:00Z' } },
      'query.type',
      '/where/range/from',
    ],
    [{ field: 'region', op: 'matches', value: '(' }, 'query.type', '/where/value'],
    [{ field: 'region', op: 'matches', value: 'a)' }, 'query.type', '/where/value'],
    [{ field: 'region', op: 'matches', value: '[a' }, 'query.type', '/where/value'],
    [{ field: 'region', op: 'matches', value: 'a\\' }, 'query.type', '/where/value'],
    [{ field: 'region', op: 'matches', value: '(?=a)' }, 'query.type', '/where/value'],
    [{ field: 'region', op: 'matches', value: '(a)\\1' }, 'query.type', '/where/value'],
    [{ field: 'region', op: 'like', value: 'a\\' }, 'request.invalid', '/where/value'],
  ])('%j', (condition, code, pointer) => {
    const fault = refused(condition);
    expect({ code: fault.code, pointer: fault.pointer }).toEqual({ code, pointer });
  });
});

test('the pointer goes through the tree', () => {
  const fault = refused({ and: [{ or: [] }, { not: { or: [{ field: 'n', op: 'eq', value: 'x' }] } }] });
  expect(fault.pointer).toBe('/where/and/1/not/or/0/value');
});

test('an unknown field names those that may have been meant', () => {
  const fault = refused({ field: 'regoin', op: 'isNull' });
  expect(fault.message).toContain('did you mean "region"');
  expect(fault.params).toEqual({ field: 'regoin', near: ['region'] });
  expect(refused({ field: 'AMOUNT', op: 'isNull' }).params).toEqual({ field: 'AMOUNT', near: ['amount'] });
  expect(refused({ field: 'zzzzzz', op: 'isNull' }).params).toEqual({ field: 'zzzzzz', near: [] });
});

test('eq null says what to use', () => {
  expect(refused({ field: 'n', op: 'eq', value: null }).message).toContain('isNull');
  expect(refused({ field: 'n', op: 'ne', value: null }).message).toContain('isNotNull');
});

test('an unknown preset lists the known ones', () => {
  const fault = refused({ field: 'day', op: 'during', range: { preset: 'soon' } });
  expect(fault.message).toContain('lastNDays');
  expect(fault.params?.known).toContain('thisQuarter');
});

test('101 levels and 5001 conditions are refused', () => {
  let deep: Filter = { field: 'n', op: 'isNull' };
  for (let level = 0; level < 100; level++) deep = { not: deep };
  expect(refused(deep).pointer).toBe('/where');
  const leaf: Filter = { field: 'n', op: 'isNull' };
  const wide: Filter = {
    or: Array.from({ length: 5 }, () => ({ and: Array.from({ length: 1000 }, () => leaf) })),
  };
  expect(refused(wide).code).toBe('request.invalid');
});

test.each(['Europe/Rome', 'UTC', 'Asia/Kolkata', 'America/St_Johns'])('the zone %s is taken', (zone) => {
  expect(checkTimezone(zone)).toBe(zone);
});

test.each(['+02:00', 'Mars/Olympus', '', "UTC'; --", 'GMT+3'])('the zone %j is refused', (zone) => {
  expect(faultOf(() => checkTimezone(zone))).toMatchObject({ code: 'request.invalid', pointer: '/timezone' });
});
