import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type Lake, shapeOf, startLake } from './datasets-kit.ts';

let lake: Lake;
let number = 0;
beforeAll(async () => {
  lake = await startLake();
});
afterAll(() => lake[Symbol.asyncDispose]());

/** Uploads under a name of its own; gives columns and rows, or the problem. */
async function load(content: string, fields: Record<string, string> = {}, file = 'data.csv') {
  const name = `s${++number}`;
  const answer = await lake.upload({ name, ...fields }, content, file);
  const rows = answer.status === 201 ? await lake.rowsOf(name) : [];
  return { answer, shape: shapeOf(answer), rows, warnings: (answer.body.warnings ?? []) as string[] };
}

describe('a line break in a heading', () => {
  const rows = [
    ['North', 10, 1],
    ['South', 5, 2],
  ];
  const shape = ['shop:text', 'sales (EUR):integer', 'month:integer'];
  const breaks = ['\n', '\r\n', '\r'];
  const cases = breaks.flatMap((inside) => breaks.map((end) => [inside, end] as const));
  test.each(cases)('of %j in a file with %j', async (inside, end) => {
    const text = [`shop,"sales${inside}(EUR)",month`, 'North,10,1', 'South,5,2', ''].join(end);
    const loaded = await load(text);
    expect(loaded.shape).toEqual(shape);
    expect(loaded.rows).toEqual(rows);
    expect(loaded.warnings).toEqual([]);
  });

  test('in the last heading, in a large file, with a byte order mark', async () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => `${i};x`);
    const loaded = await load(`\ufeffid;"na\nme"\r\n${lines.join('\r\n')}`);
    expect(loaded.shape).toEqual(['id:integer', 'na me:text']);
    expect(loaded.answer.body.rowCount).toBe(50_000);
  });
});

describe('lines before the headings', () => {
  const table = 'region,2023,2024\nNorth,10,20\nSouth,5,6\n';
  const shape = ['region:text', '2023:integer', '2024:integer'];
  test.each([
    ['a blank line', '\n', {}],
    ['blank lines with spaces', '  \n\n', {}],
    ['a title that is skipped, then a blank line', 'Report\n\n', { skipLines: '1' }],
  ])('%s', async (_, before, fields) => {
    const loaded = await load(before + table, fields);
    expect(loaded.shape).toEqual(shape);
    expect(loaded.rows).toHaveLength(2);
    expect(loaded.warnings).toEqual([]);
  });

  test.each([
    ['a title', 'Report of May\n', 'line 1 stands'],
    ['a title and a note', 'Report of May\n"made by, hand\non paper"\n\n', 'lines 1 to 4 stand'],
    ['a title filled with delimiters', 'Report of May,,\n,,\n', 'lines 1 to 2 stand'],
  ])('%s: left out, and told', async (_, before, told) => {
    const loaded = await load(before + table);
    expect(loaded.shape).toEqual(shape);
    expect(loaded.rows).toHaveLength(2);
    expect(loaded.warnings).toEqual([expect.stringContaining(`${told} above the table`)]);
    expect(loaded.warnings[0]).toContain('skipLines=0');
  });

  test.each([
    ['text\nhello; world, again\nfoo; bar, baz\n'],
    ['note\nyes, of course\nno, thanks\nperhaps, later\n'],
  ])('a line of prose is no heading: %j', async (text) => {
    const { answer } = await load(text);
    expect(answer.body).toMatchObject({ code: 'dataset.badRows', pointer: '/file' });
    expect(answer.body.rows[0]).toMatchObject({ line: 2, message: 'has 2 fields; 1 is expected' });
    expect(answer.body.detail).toContain('skipLines');
    expect(answer.body.detail).not.toContain('skipFooter');
  });

  test('headings that are too few for the rows are no title', async () => {
    const { answer } = await load('a,b\n1,2,x\n3,4,y\n');
    expect(answer.body).toMatchObject({ code: 'dataset.badRows', count: 2 });
  });

  test('a file with CR alone', async () => {
    const loaded = await load('Report\rregion,n\rNorth,1\rSouth,2\r', { skipLines: '1' });
    expect(loaded.rows).toEqual([
      ['North', 1],
      ['South', 2],
    ]);
  });

  test('skipLines past the end names itself', async () => {
    const { answer } = await load('a\n1\n', { skipLines: '5' });
    expect(answer.body).toMatchObject({
      ...{ code: 'dataset.empty', detail: 'The file has no rows and no columns after skipLines=5' },
    });
  });
});

describe('headings that look like values', () => {
  const cases: [string, string, string[]][] = [
    ['a count', 'product,1,2,3\nTea,10,20,30\nMilk,5,6,7\n', ['product', '1', '2', '3']],
    ['dates', 'station,lat,1/22/20,1/23/20\nHill,33.9,1,5\n', ['station', 'lat', '1/22/20', '1/23/20']],
    ['ISO dates', 'k,2024-01-01,2024-02-01\na,1,2\nb,3,4\n', ['k', '2024-01-01', '2024-02-01']],
    ['times of day', 'day,00:00,01:00\n2024-01-01,1.5,2\n2024-01-02,2,3\n', ['day', '00:00', '01:00']],
    ['one year', 'region,2023\nNorth,10\nSouth,5\n', ['region', '2023']],
    ['numbers above texts', '1,2\nx,y\nz,w\n', ['1', '2']],
    ['numbers above fractions', '0,1,2\n5.1,3.5,1.4\n4.9,3.0,1.4\n', ['0', '1', '2']],
    ['an index without a name', ',0,1,2\n0,7,9,4\n1,3,8,8\n', ['column_1', '0', '1', '2']],
    ['a number among words', 'id,name,100\n1,x,5\n2,y,7\n', ['id', 'name', '100']],
  ];
  test.each(cases)('%s', async (_, text, names) => {
    const loaded = await load(text);
    expect(loaded.answer.body.columns.map(({ name }: { name: string }) => name)).toEqual(names);
    expect(loaded.rows).toHaveLength(text.trim().split('\n').length - 1);
  });

  test.each(['region,2023,2024\n', 'day,1/22/20,1/23/20\n', 'product,1,2,3\n'])(
    'alone in a file: %j',
    async (text) => {
      const loaded = await load(text);
      expect(loaded.answer.body.columns.map(({ name }: { name: string }) => name)).toEqual(
        text.trim().split(','),
      );
      expect(loaded.answer.body.rowCount).toBe(0);
      expect(loaded.warnings[0]).toContain('header=false');
    },
  );

  test('a count above numbers is told as a doubt, and header=false settles it', async () => {
    const text = 'product,1,2,3\nTea,10,20,30\nMilk,5,6,7\n';
    expect((await load(text)).warnings).toEqual([
      'line 1 ("product", "1", "2", "3") was read as the headings; it could be data. Send header=false if it is',
    ]);
    const data = await load(text, { header: 'false' });
    expect(data.rows[0]).toEqual(['product', 1, 2, 3]);
    expect(data.warnings).toEqual([]);
  });
});

describe('words in the first line', () => {
  test.each([
    ['North,Tea\nSouth,Milk\nNorth,Coffee\n', 1],
    ['region,product\nSouth,Milk\nNorth,Coffee\n', 0],
    ['region,product\nSouth,Milk\nregion,product\nNorth,Coffee\n', 0],
    ['region,n\nregion,1\nSouth,2\n', 0],
  ])('%j: a doubt where they recur below', async (text, doubts) => {
    const loaded = await load(text);
    expect(loaded.rows).toHaveLength(text.trim().split('\n').length - 1);
    expect(loaded.warnings.filter((each) => each.includes('header=false'))).toHaveLength(doubts);
  });
});

describe('files without headings', () => {
  test.each([
    ['numbers and names', '1,x\n2,y\n'],
    ['numbers alone', '4,7\n1,9\n3,3\n'],
    ['years among years', 'Tea,2023\nMilk,2024\nTea,2021\n'],
    ['a count in every line', '1,2,3\n4,5,6\n7,8,9\n'],
    ['measured values', 'Hill,33.9,1,5\nLake,-35.4,3,4\n'],
    ['a missing value first', 'Hill,NA,1\nLake,2,3\n'],
  ])('%s: no line is lost, and both readings are told', async (_, text) => {
    const loaded = await load(text);
    expect(loaded.rows).toHaveLength(text.trim().split('\n').length);
    expect(loaded.warnings[0]).toMatch(/^no header was seen: line 1 \(.*\) was read as data .* header=true/);
    const headed = await load(text, { header: 'true' });
    expect(headed.rows).toHaveLength(text.trim().split('\n').length - 1);
    expect(headed.warnings.filter((each) => each.includes('header'))).toEqual([]);
  });
});

describe('the delimiter', () => {
  const cases: [string, string, unknown[]][] = [
    [
      'commas in headings and decimals',
      'Betrag, netto;Betrag, brutto;Satz\n1,50;1,79;19\n2,00;2,38;19\n',
      ['1.50', '1.79', 19],
    ],
    [
      'a comma in every value',
      'Name, Vorname;Ort, Land\nMeier, Hans;Bonn, DE\n',
      ['Meier, Hans', 'Bonn, DE'],
    ],
    ['decimal commas alone', 'a;b\n1,5;2,5\n3,5;4,5\n', ['1.5', '2.5']],
    ['bars and commas', 'a|b\n1,5|x, y\n2,5|z, w\n', ['1.5', 'x, y']],
    ['commas with a blank after them', 'a, b\n1, x\n2, y\n', [1, ' x']],
    ['semicolons within texts', 'a,b\n1,x;y\n2,z;w\n', [1, 'x;y']],
  ];
  test.each(cases)('%s', async (_, text, first) => {
    const loaded = await load(text);
    expect(loaded.rows[0]).toEqual(first);
    expect(loaded.warnings.filter((each) => each.includes('delimiter'))).toEqual([]);
  });

  test.each([
    ['sep=;\r\nid;betrag\r\n1;2,5\r\n2;3,5\r\n', {}],
    ['"sep=;"\nid;betrag\n1;2,5\n2;3,5\n', {}],
    ['\ufeffSEP=|\nid|betrag\n1|2.5\n2|3.5\n', {}],
    ['sep=\t\nid\tbetrag\n1\t2.5\n2\t3.5\n', {}],
    ['sep=;\nid,betrag\n1,2.5\n2,3.5\n', { delimiter: ',' }],
    ['sep=;\nid;betrag\n1;2,5\n2;3,5\n', { skipLines: '1' }],
  ])('the first line %j names it and is no data', async (text, fields) => {
    const loaded = await load(text, fields as Record<string, string>);
    expect(loaded.shape).toEqual(['id:integer', 'betrag:decimal(1)']);
    expect(loaded.rows).toEqual([
      [1, '2.5'],
      [2, '3.5'],
    ]);
  });

  test('a tie is decided by all rows, and told', async () => {
    const even = Array.from({ length: 2000 }, () => 'a,b;c,d').join('\n');
    const uneven = Array.from({ length: 500 }, () => 'a,b;c').join('\n');
    const loaded = await load(`u,v;x,y\n${even}\n${uneven}\n`);
    expect(loaded.shape).toEqual(['u,v:text', 'x,y:text']);
    const close = await load('u,v;x,y\na,b;c,d\n');
    expect(close.warnings).toEqual([
      '";" was taken as the delimiter; "," would split the rows too. Give "delimiter" to choose',
    ]);
  });

  test.each(['tab', '\\t', '\t'])('%j is a tab', async (delimiter) => {
    expect((await load('a\tb\n1\t2\n', { delimiter })).rows).toEqual([[1, 2]]);
  });

  test('may have several characters', async () => {
    const loaded = await load('a||b\n1||x|y\n2||"p||q"\n', { delimiter: '||' });
    expect(loaded.rows).toEqual([
      [1, 'x|y'],
      [2, 'p||q'],
    ]);
  });
});

describe('dialects', () => {
  test('mixed line ends and inch marks', async () => {
    const loaded = await load('id,name\r\n1,5" pipe\n2,ok\r\n3,3" x 4"\r4,fine\r\n');
    expect(loaded.rows.map((row) => row[1])).toEqual(['5" pipe', 'ok', '3" x 4"', 'fine']);
    expect(loaded.warnings).toEqual(['the file mixes kinds of line ends; all were read as one']);
  });
  test('a backslash as escape, in quotes and outside', async () => {
    const text = 'a,b\n1,"say \\"hi\\", c:\\\\x"\n2,x\\,y\n3,c:\\new\n';
    const loaded = await load(text, { escape: '\\' });
    expect(loaded.rows.map((row) => row[1])).toEqual(['say "hi", c:\\x', 'x,y', 'c:\\new']);
    expect((await load('a,b\n1,"say \\"hi\\""\n')).answer.body.detail).toContain('escape=\\');
  });
  test('comments', async () => {
    const loaded = await load('# made by hand\na,b\n1,#x\n#2,y\n"#3",z\n', { comment: '#' });
    expect(loaded.rows).toEqual([
      ['1', '#x'],
      ['#3', 'z'],
    ]);
  });
  test('a footer', async () => {
    const loaded = await load('a,b\n1,2\n3,4\nTotal: 10\n\n', { skipFooter: '1' });
    expect(loaded.rows).toEqual([
      [1, 2],
      [3, 4],
    ]);
    const { answer } = await load('a,b\n1,2\n3,4\nTotal: 10\n');
    expect(answer.body.detail).toContain('skipFooter=1');
  });
  test('short rows are filled where asked for, long ones never cut', async () => {
    expect((await load('a,b,c\n1,2,3\n4\n5,6\n', { fillShort: 'true' })).rows).toEqual([
      [1, 2, 3],
      [4, null, null],
      [5, 6, null],
    ]);
    expect((await load('a,b\n1,2\n3\n')).answer.body.detail).toContain('fillShort=true');
    const { answer } = await load('a,b\n1,2,3\n4\n', { fillShort: 'true' });
    expect(answer.body).toMatchObject({ code: 'dataset.badRows', count: 1, rows: [{ line: 2 }] });
  });
  test('values that mean null do so in quotes too', async () => {
    const loaded = await load('"k","v"\n"a","1"\n"b","NULL"\n"c",NULL\n"d",""\n', { nullValues: '["NULL"]' });
    expect(loaded.shape).toEqual(['k:text', 'v:integer']);
    expect(loaded.rows.map((row) => row[1])).toEqual([1, null, null, null]);
    const empty = await load('k,v\n"",x\n"y",""\n', { nullValues: '[""]' });
    expect(empty.rows).toEqual([
      [null, 'x'],
      ['y', null],
    ]);
  });
  test.each([
    ['escape', ',', { delimiter: ',' }],
    ['comment', '"', {}],
    ['quote', ';', { delimiter: ';' }],
    ['escape', 'ab', {}],
    ['skipFooter', '-1', {}],
    ['fillShort', 'perhaps', {}],
    ['delimiter', '123456789', {}],
    ['delimiter', '\n', {}],
  ])('%s=%j is refused', async (field, value, fields) => {
    const { answer } = await load('a,b\n1,2\n', { ...(fields as Record<string, string>), [field]: value });
    expect(answer.body).toMatchObject({ code: 'request.invalid', pointer: `/${field}` });
    expect(answer.status).toBe(400);
  });
});

describe('rejected records', () => {
  test('have their own line after blank lines of CRLF', async () => {
    const { answer } = await load('a,b\r\n1,2\r\n\r\n3\r\n4,5\r\n');
    expect(answer.body.rows).toEqual([{ line: 4, message: 'has 1 field; 2 are expected', text: '3' }]);
  });
  test('a quote that takes lines with it says how many', async () => {
    const text = 'a,b\n1,2\n3,"abc\n4,5\n6,7\n';
    const loaded = await load(text, { badRows: 'keepAside' });
    expect(loaded.answer.body).toMatchObject({
      rowCount: 1,
      rejected: {
        count: 1,
        rows: [{ line: 3, message: 'has a quoted value that does not end; it takes lines 3 to 5' }],
      },
    });
  });
  test('a quote that takes most of the file is refused, even where bad rows are kept aside', async () => {
    const rest = Array.from({ length: 3000 }, (_, i) => `${i},x`).join('\n');
    const { answer } = await load(`a,b\n1,"oops\n${rest}\n`, { badRows: 'keepAside' });
    expect(answer.body).toMatchObject({ code: 'dataset.badRows', rows: [{ line: 2 }] });
    expect(answer.body.detail).toContain('quote= (empty)');
    const plain = await load(`a,b\n1,"oops\n${rest}\n`, { quote: '' });
    expect(plain.answer.body.rowCount).toBe(3001);
  });
});

describe('wide tables', () => {
  const width = 300;
  const names = Array.from({ length: width }, (_, i) => `c${i}`);
  const kinds = [' 5 ', 'x', '2024-01-02', 'yes', '1.5', '', '" "', '1e3', '12:30'];
  const types = ['integer', 'text', 'date', 'text', 'decimal', 'text', 'text', 'float', 'time'];
  test('each column has its own type and values', async () => {
    const line = names.map((_, i) => kinds[i % kinds.length]).join(',');
    const loaded = await load(`${names.join(',')}\n${line}\n${line}\n`);
    expect(loaded.answer.body.columns.map(({ type }: { type: string }) => type)).toEqual(
      names.map((_, i) => types[i % types.length]!),
    );
    const values = [5, 'x', '2024-01-02', 'yes', '1.5', null, ' ', 1000, '12:30:00'];
    const row = names.map((_, i) => values[i % values.length]!);
    expect(loaded.rows).toEqual([row, row]);
  });
  test('columns that begin without values get their type from later ones', async () => {
    const rows = Array.from({ length: 8000 }, (_, r) =>
      names.map((_, i) => (r === 7999 ? `${i}` : '')).join(','),
    );
    const loaded = await load(`${names.join(',')}\n${rows.join('\n')}\n`);
    expect(new Set(loaded.answer.body.columns.map(({ type }: { type: string }) => type))).toEqual(
      new Set(['integer']),
    );
    expect(loaded.answer.body.rowCount).toBe(8000);
  });
  test('a value that does not fit a given type is found', async () => {
    const line = (value: string) => names.map((_, i) => (i === 250 ? value : '1')).join(',');
    const text = `${names.join(',')}\n${line('7')}\n${line('x')}\n`;
    const { answer } = await load(text, { types: '{"c250":"integer"}' });
    expect(answer.body).toMatchObject({
      code: 'dataset.badRows',
      count: 1,
      rows: [{ line: 3, column: 'c250' }],
    });
  });
});
