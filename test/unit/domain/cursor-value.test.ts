import { expect, test } from 'bun:test';
import type { ColumnType } from '../../../src/domain/column.ts';
import { lateFrom } from '../../../src/domain/cursor-value.ts';

test.each<[string, ColumnType, { lateS?: number; lateBy?: number }, string | null]>([
  ['2024-03-01T00:00:10.000123Z', 'timestamptz', { lateS: 11 }, '2024-02-29T23:59:59.000123Z'],
  ['2024-03-01T00:00:10', 'timestamp', { lateS: 10 }, '2024-03-01T00:00:00'],
  ['2024-03-01', 'date', { lateS: 1 }, '2024-02-29'],
  ['2024-03-01', 'date', { lateS: 86_401 }, '2024-02-28'],
  ['0044-03-15 (BC)', 'date', { lateS: 1 }, null],
  ['infinity', 'timestamp', { lateS: 1 }, null],
  ['0001-01-01T00:00:00', 'timestamp', { lateS: 1 }, null],
  ['9223372036854775807', 'integer', { lateBy: 7 }, '9223372036854775800'],
  ['-5', 'integer', { lateBy: 3 }, '-8'],
  ['10.25', 'decimal', { lateBy: 0.5 }, '9.75'],
  ['0.10', 'decimal', { lateBy: 1 }, '-0.90'],
  ['abc', 'text', {}, 'abc'],
  ['5', 'integer', { lateBy: 0 }, '5'],
])('%s as %s, %j late, is read from %s', (cursor, type, late, from) => {
  expect(lateFrom(cursor, type, late)).toBe(from);
});
