import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { type CsvRecord, isBlank, RecordParser, type Syntax } from '../../../src/lake/csv/record-parser.ts';
import { Surveyor } from '../../../src/lake/csv/survey.ts';

const unit = fc.constantFrom(
  'a',
  'é',
  ',',
  '"',
  '""',
  '\n',
  '\r\n',
  '\r',
  ' ',
  '\\',
  '#',
  '||',
  '|',
  ',"x"',
  '"y",',
  '"\n"',
);
const soup = fc.array(unit, { maxLength: 40 }).map((parts) => parts.join(''));
const cuts = fc.array(fc.nat(60), { maxLength: 8 });

function pieces(text: string, at: readonly number[]): string[] {
  const places = [...new Set([0, ...at.filter((each) => each < text.length), text.length])].sort(
    (a, b) => a - b,
  );
  return places.slice(1).map((end, i) => text.slice(places[i], end));
}

function parse(texts: readonly string[], syntax: Syntax, skipLines = 0): CsvRecord[] {
  const records: CsvRecord[] = [];
  const parser = new RecordParser(syntax, skipLines, (record) => records.push(record));
  for (const text of texts) parser.write(text);
  parser.end();
  return records;
}

function survey(texts: readonly string[]): Surveyor {
  const surveyor = new Surveyor(44, 34);
  let held = Buffer.alloc(0);
  for (const text of texts)
    held = Buffer.from(surveyor.write(Buffer.concat([held, Buffer.from(text)]), false));
  surveyor.write(held, true);
  surveyor.end();
  return surveyor;
}

const COMMON: Syntax = { delimiter: ',', quote: '"', escape: '"', comment: '' };

test('records do not depend on where the text is cut', () => {
  const syntax = fc.record({
    delimiter: fc.constantFrom(',', '||', '|'),
    quote: fc.constantFrom('"', ''),
    escape: fc.constantFrom('"', '\\'),
    comment: fc.constantFrom('', '#', '||'),
  });
  fc.assert(
    fc.property(soup, cuts, syntax, fc.nat(3), (text, at, given, skip) => {
      expect(parse(pieces(text, at), given, skip)).toEqual(parse([text], given, skip));
    }),
    { numRuns: 3000 },
  );
});

test('a parser loses no character: records and their line ends are the text', () => {
  fc.assert(
    fc.property(soup, (text) => {
      const records = parse([text], COMMON);
      expect(records.map(({ raw, end }) => raw + end).join('')).toBe(text);
      let line = 1;
      for (const record of records) {
        expect(record.line).toBe(line);
        line = record.lastLine + 1;
      }
    }),
    { numRuns: 3000 },
  );
});

test('what the survey calls plain has as many records as the parser finds, wherever it is cut', () => {
  let plain = 0;
  fc.assert(
    fc.property(soup, cuts, (text, at) => {
      const found = survey(pieces(text, at));
      expect([found.isPlain, found.isPlain && found.records]).toEqual([
        survey([text]).isPlain,
        found.isPlain && survey([text]).records,
      ]);
      if (!found.isPlain) return;
      plain++;
      const records = parse([text], COMMON);
      const filled = records.filter((record) => !isBlank(record) || record.raw !== '');
      expect(found.records).toBe(filled.length);
      expect(found.blankLines).toBe(records.length - filled.length);
      expect(records.some(({ fault }) => fault !== undefined)).toBe(false);
      expect(new Set(records.map(({ end }) => end).filter((end) => end !== '')).size).toBeLessThanOrEqual(1);
    }),
    { numRuns: 5000 },
  );
  expect(plain).toBeGreaterThan(300);
});

test.each([
  ['a quote within a text', 'a,b\n5" x,1\n'],
  ['text after a closing quote', 'a,b\n"x"y,1\n'],
  ['a blank before a quote', 'a,b\n "x",1\n'],
  ['a quote that does not end', 'a,b\n"x,1\n'],
  ['mixed line ends', 'a,b\r\n1,2\n'],
  ['a heading on two lines', 'a,"b\nc"\n1,2\n'],
  ['a blank line first', '\na,b\n'],
])('%s is not plain', (_, text) => {
  expect(survey([text]).isPlain).toBe(false);
});
