import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { sampleRecords } from '../../../src/lake/csv-sample.ts';

const texts = (records: { text: string }[][]) => records.map((record) => record.map(({ text }) => text));

test('quotes, doubled quotes and line ends', () => {
  expect(texts(sampleRecords('a,"b ""c""\nd"\r\n1,\r3,4\n', ',', '"', 10, true))).toEqual([
    ['a', 'b "c"\nd'],
    ['1', ''],
    ['3', '4'],
  ]);
});

test('a record that the sample cuts off is left out, unless it is the only one', () => {
  expect(texts(sampleRecords('a,b\n1,2', ',', '"', 10, false))).toEqual([['a', 'b']]);
  expect(texts(sampleRecords('a,b\n1,2', ',', '"', 10, true))).toEqual([
    ['a', 'b'],
    ['1', '2'],
  ]);
  expect(texts(sampleRecords('a,b', ',', '"', 10, false))).toEqual([['a', 'b']]);
});

test('what is written quoted is read back', () => {
  const record = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 10 }), (records) => {
      const quoted = records.map((fields) =>
        fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(';'),
      );
      expect(texts(sampleRecords(`${quoted.join('\n')}\n`, ';', '"', 100, true))).toEqual(records);
    }),
  );
});
