import { expect, test } from 'bun:test';
import type { Column } from '../../../src/domain/column.ts';
import { ColumnData, NUMBER, TEXT } from '../../../src/domain/column-data.ts';
import { rowEncoder } from '../../../src/render/rows.ts';
import { csvText } from '../../../src/render/values.ts';

test.each([
  ['=1+1', `"'=1+1"`],
  ['+1', `"'+1"`],
  ['-cmd', `"'-cmd"`],
  ['@SUM(A1)', `"'@SUM(A1)"`],
  ['\t=1', `"'\t=1"`],
  ['\r=1', `"'\r=1"`],
  ['\n=1', `"'\n=1"`],
  ['＝1', `"'＝1"`],
  ['＋1', `"'＋1"`],
  ['－1', `"'－1"`],
  ['＠1', `"'＠1"`],
  ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ['a=1', 'a=1'],
  ['1-2', '1-2'],
  ['mail@example.com', 'mail@example.com'],
  ['', '""'],
])('%j is written %j: text that a spreadsheet would run is defused', (text, expected) => {
  expect(csvText(text)).toBe(expected);
});

test('names of columns are defused as values are; numbers below zero stay numbers', () => {
  const columns: Column[] = [
    { name: '=cmd|x', type: 'text' },
    { name: '-total', type: 'decimal' },
  ];
  const texts = new ColumnData('text', 1);
  texts.states[0] = TEXT;
  texts.texts[0] = '-5';
  const decimals = new ColumnData('decimal', 1);
  decimals.scale = 2;
  decimals.states[0] = NUMBER;
  decimals.numbers[0] = -550;
  const csv = rowEncoder('csv', columns, 'exact');
  csv.add([texts, decimals], 1);
  csv.end();
  expect(new TextDecoder().decode(csv.take())).toBe(`"'=cmd|x","'-total"\r\n"'-5",-5.50\r\n`);
});
