import { expect, test } from 'bun:test';
import type { ColumnType } from '../../../src/domain/column.ts';
import { cursorBound, lateFrom } from '../../../src/domain/cursor-value.ts';

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

test.each<[text: string, type: ColumnType, end: 'from' | 'to', bound: string | undefined]>([
  ['2024-03-01', 'timestamp', 'from', '2024-03-01T00:00:00'],
  ['2024-03-01', 'timestamp', 'to', '2024-03-01T23:59:59.999999'],
  ['2024-03-01', 'timestamptz', 'to', '2024-03-01T23:59:59.999999Z'],
  ['2024-03-01T10:00:00+05:30', 'timestamptz', 'to', '2024-03-01T04:30:00Z'],
  ['2024-03-01T10:00:00+05:30', 'timestamp', 'to', undefined],
  ['2024-03-01 10:00', 'timestamp', 'to', '2024-03-01T10:00:00'],
  ['2024-03-01', 'date', 'to', '2024-03-01'],
  ['2024-03-01T00:00:00', 'date', 'to', undefined],
  ['2024-02-30', 'date', 'to', undefined],
  ['2024-02-30', 'timestamp', 'to', undefined],
  ['9223372036854775807', 'integer', 'to', '9223372036854775807'],
  ['9223372036854775808', 'integer', 'to', undefined],
  ['1.5', 'integer', 'to', undefined],
  ['1.50', 'decimal', 'to', '1.50'],
  ['1.25', 'decimal', 'to', undefined],
  ['x', 'decimal', 'from', undefined],
  ['F47AC10B-58CC-4372-A567-0E02B2C3D479', 'uuid', 'from', 'f47ac10b-58cc-4372-a567-0e02b2c3d479'],
  ["it's", 'text', 'from', "it's"],
])('%s as the end of a range of %s, %s: %s', (text, type, end, bound) => {
  expect(cursorBound(text, { type, scale: 1 }, end)).toBe(bound);
});
