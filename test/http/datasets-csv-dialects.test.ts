import { afterAll, beforeAll, expect, test } from 'bun:test';
import fc from 'fast-check';
import { columnNames } from '../../src/lake/column-names.ts';
import { type CsvRecord, isBlank, RecordParser } from '../../src/lake/csv/record-parser.ts';
import { type Lake, startLake } from './datasets-kit.ts';

let lake: Lake;
beforeAll(async () => {
  lake = await startLake();
});
afterAll(() => lake[Symbol.asyncDispose]());

const RUNS = Number(Bun.env.CSV_DIALECT_RUNS ?? 150);

interface Written {
  delimiter: string;
  quote: string;
  escape: string;
  comment: string | undefined;
  ends: string[];
  lastEnd: boolean;
  bom: boolean;
  title: string[];
  footer: string[];
}

/** A record of the file: a row, a record with another number of fields, a comment, a blank line. */
type Line =
  | { kind: 'row' | 'broken'; cells: (string | null)[]; quoted: boolean }
  | { kind: 'comment' | 'blank' };

interface Table extends Written {
  headings: string[] | undefined;
  lines: Line[];
  width: number;
}

const unit = fc.constantFrom(
  ...[
    'a',
    'b',
    'é',
    '€',
    '1',
    '9',
    '.',
    ',',
    ';',
    '|',
    '\t',
    '"',
    "'",
    '\\',
    '#',
    ' ',
    '\n',
    '\r\n',
    '\r',
    '||',
    'NULL',
    '𝒳',
  ],
);
const text = fc.array(unit, { minLength: 0, maxLength: 6 }).map((parts) => parts.join(''));
const plain = fc.array(fc.constantFrom('x', 'Ω', ' ', '-'), { maxLength: 8 }).map((parts) => parts.join(''));

const dialect = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|', '||', '::', '¦'),
  quote: fc.constantFrom('"', "'"),
  escape: fc.constantFrom('quote', '\\'),
  comment: fc.option(fc.constantFrom('#', '//'), { nil: undefined }),
  ends: fc.oneof(
    fc.constantFrom<string[]>(['\n'], ['\r\n'], ['\r']),
    fc.array(fc.constantFrom('\n', '\r\n', '\r'), { minLength: 1, maxLength: 5 }),
  ),
  lastEnd: fc.boolean(),
  bom: fc.boolean(),
  title: fc.array(plain, { maxLength: 2 }),
  footer: fc.array(
    plain.map((each) => `end${each}`),
    { maxLength: 2 },
  ),
});

const table: fc.Arbitrary<Table> = fc.integer({ min: 1, max: 4 }).chain((width) => {
  const cell = width === 1 ? text : fc.option(text, { nil: null, freq: 4 });
  const cells = (length: number) => fc.array(cell, { minLength: length, maxLength: length });
  const row = (kind: 'row' | 'broken', length: number) =>
    fc.record({ kind: fc.constant(kind), cells: cells(length), quoted: fc.boolean() });
  const line: fc.Arbitrary<Line> = fc.oneof(
    { weight: 12, arbitrary: row('row', width) },
    { weight: 1, arbitrary: row('broken', width + 1) },
    { weight: 1, arbitrary: fc.constant<Line>({ kind: 'comment' }) },
    { weight: 1, arbitrary: fc.constant<Line>({ kind: width === 1 ? 'comment' : 'blank' }) },
  );
  return fc
    .tuple(
      dialect,
      fc.option(fc.array(text, { minLength: width, maxLength: width }), { nil: undefined, freq: 4 }),
      fc.array(line, { maxLength: 12 }),
    )
    .map(([written, headings, lines]) => ({ ...written, headings, lines, width }))
    .map((each) => (each.escape === 'quote' ? { ...each, escape: each.quote } : each));
});

function writeCell(
  value: string | null,
  isQuoted: boolean,
  { delimiter, quote, escape: mark, comment }: Written,
): string {
  if (value === null) return '';
  const special = [delimiter, delimiter[0]!, quote, mark, '\n', '\r', ...(comment ? [comment[0]!] : [])];
  const needsQuotes = value.trim() !== value || value === '' || special.some((mark) => value.includes(mark));
  if (!isQuoted && !needsQuotes) return value;
  const escaped = mark === quote ? value : value.replaceAll(mark, mark + mark);
  return quote + escaped.replaceAll(quote, mark + quote) + quote;
}

/** The file's text, and the lines on which its broken records begin. */
function write(file: Table): { text: string; brokenLines: number[] } {
  const { delimiter, ends, comment, headings, lines, title, footer } = file;
  const brokenLines: number[] = [];
  const records: string[] = [];
  let at = 1;
  const add = (record: string) => {
    records.push(record);
    at += (record.match(/\r\n|\r|\n/g) ?? []).length + 1;
  };
  const row = (cells: readonly (string | null)[], quoted: boolean) =>
    cells.map((value) => writeCell(value, quoted, file)).join(delimiter);
  for (const each of title) add(each);
  if (headings) add(row(headings, true));
  for (const line of lines) {
    if (line.kind === 'broken') brokenLines.push(at);
    if (line.kind === 'blank') add('');
    else if ('cells' in line) add(row(line.cells, line.quoted));
    else if (comment) add(`${comment} it's a "comment`);
  }
  for (const each of footer) add(each);
  const text = records.map((record, i) => {
    const isLast = i === records.length - 1;
    return isLast && !file.lastEnd ? record : record + ends[i % ends.length];
  });
  return { text: (file.bom ? '\ufeff' : '') + text.join(''), brokenLines };
}

/** A line end of CR before a blank line that ends with LF is one line end: such files say something else than was meant. */
const isSound = ({ ends, lines, title, width, headings }: Table) =>
  new Set(ends).size === 1 ||
  (!lines.some(({ kind }) => kind === 'blank') &&
    !title.some((each) => each === '') &&
    (width > 1 || !!headings));

let number = 0;

async function check(file: Table): Promise<void> {
  const rows = file.lines.flatMap((line) => (line.kind === 'row' ? [line.cells] : []));
  const { text: content, brokenLines } = write(file);
  // Without headings, most rows say how many columns there are.
  fc.pre(isSound(file) && (file.headings !== undefined || rows.length > brokenLines.length));
  const names = columnNames(file.headings ?? Array.from({ length: file.width }, () => undefined), 100);
  const fields: Record<string, string> = {
    ...{ name: `t${++number}`, delimiter: file.delimiter, quote: file.quote, badRows: 'keepAside' },
    ...{ header: String(file.headings !== undefined), encoding: 'utf-8' },
    ...{ skipLines: String(file.title.length), skipFooter: String(file.footer.length) },
    ...(file.escape === file.quote ? {} : { escape: file.escape }),
    ...(file.comment === undefined ? {} : { comment: file.comment }),
    types: JSON.stringify(Object.fromEntries(names.map((name) => [name, 'text']))),
  };
  const { body, status } = await lake.upload(fields, content);
  expect(body).toMatchObject({ rowCount: rows.length });
  expect(status).toBe(201);
  expect(body.columns.map(({ name }: { name: string }) => name)).toEqual(names);
  expect((body.rejected.rows ?? []).map(({ line }: { line: number }) => line)).toEqual(brokenLines);
  expect(await lake.rowsOf(fields.name!)).toEqual(rows);
  await lake.call('DELETE', `/datasets/${body.id}`);
}

const soup = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: unit },
      { weight: 1, arbitrary: fc.constantFrom('\n', ',', ',\n', '"\n"', 'a,b\n') },
    ),
    {
      maxLength: 40,
    },
  )
  .map((parts) => parts.join(''));

/** A text that no one wrote as a table is loaded with every record accounted for, or refused in words. */
async function checkSoup(content: string, header: boolean): Promise<void> {
  const name = `soup${++number}`;
  const fields = {
    ...{ name, delimiter: ',', header: String(header), skipLines: '0' },
    ...{ badRows: 'keepAside', encoding: 'utf-8' },
  };
  const { body, status } = await lake.upload(fields, content);
  if (status !== 201) {
    expect(body.code).toMatch(/^(dataset\.(empty|badFile)|request\.unsupportedMedia)$/);
    expect(body.detail).not.toContain('rows were read of a file');
    return;
  }
  const records: CsvRecord[] = [];
  const syntax = { delimiter: ',', quote: '"', escape: '"', comment: '' };
  const parser = new RecordParser(syntax, 0, (record) => records.push(record));
  parser.write(content.replace(/^sep=.*?(\r\n|\r|\n)/i, ''));
  parser.end();
  const isWide = body.columns.length > 1;
  const first = records.findIndex((record) => !isBlank(record));
  const data = records.slice(first + (header ? 1 : 0)).filter((record) => !isWide || !isBlank(record));
  expect(body.rowCount + body.rejected.count).toBe(data.length);
  expect(await lake.rowsOf(name)).toHaveLength(body.rowCount);
  await lake.call('DELETE', `/datasets/${body.id}`);
}

test(
  'no record of any text is lost in silence',
  async () => {
    await fc.assert(fc.asyncProperty(soup, fc.boolean(), checkSoup), { numRuns: RUNS });
  },
  { timeout: 120_000 },
);

test(
  'a table written in any dialect comes back cell by cell',
  async () => {
    await fc.assert(fc.asyncProperty(table, check), { numRuns: RUNS });
  },
  { timeout: 120_000 },
);
