import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import iconv from 'iconv-lite';
import { type Lake, shapeOf, startLake } from './datasets-kit.ts';

let lake: Lake;
let number = 0;
beforeAll(async () => {
  lake = await startLake();
});
afterAll(() => lake[Symbol.asyncDispose]());

/** Uploads under a name of its own; gives columns and rows. */
async function load(content: string | Buffer, fields: Record<string, string> = {}, file = 'data.csv') {
  const name = `t${++number}`;
  const bytes = typeof content === 'string' ? content : new Uint8Array(content);
  const answer = await lake.upload({ name, ...fields }, bytes, file);
  const rows = answer.status === 201 ? await lake.rowsOf(name) : [];
  return { answer, shape: shapeOf(answer), rows, warnings: (answer.body.warnings ?? []) as string[] };
}

const column = (...values: string[]) => `v\n${values.join('\n')}\n`;

describe('the type of a column holds for all its values', () => {
  const cases: [string, string[], string, unknown[]][] = [
    ['integers', ['1', '-2', '0'], 'v:integer', [1, -2, 0]],
    [
      'the edges of int64',
      ['9223372036854775807', '-9223372036854775808'],
      'v:integer',
      ['9223372036854775807', '-9223372036854775808'],
    ],
    ['integers past int64', ['9223372036854775808', '1'], 'v:decimal(0)', ['9223372036854775808', '1']],
    ['integers past 38 digits', ['1'.repeat(40)], 'v:text', ['1'.repeat(40)]],
    ['decimals', ['0.1', '0.2', '1'], 'v:decimal(1)', ['0.1', '0.2', '1.0']],
    ['long decimals', ['12345678901234567.89', '0.1'], 'v:decimal(2)', ['12345678901234567.89', '0.10']],
    ['eleven decimals', ['0.12345678901', '2'], 'v:decimal(11)', ['0.12345678901', '2.00000000000']],
    ['exponents and NaN', ['1e3', 'NaN', '-inf'], 'v:float', [1000, 'NaN', '-Infinity']],
    ['leading zeros', ['00123', '04567'], 'v:text', ['00123', '04567']],
    ['phone numbers', ['+39061234567', '+4412345'], 'v:text', ['+39061234567', '+4412345']],
    ['booleans', ['true', 'FALSE', 'True'], 'v:boolean', [true, false, true]],
    ['yes and no', ['yes', 'no', 'Yes'], 'v:boolean', [true, false, true]],
    ['yes alone', ['yes', 'yes'], 'v:text', ['yes', 'yes']],
    ['t and f', ['t', 'f'], 'v:boolean', [true, false]],
    ['ISO dates', ['2024-01-31', '1999-12-01'], 'v:date', ['2024-01-31', '1999-12-01']],
    ['impossible dates', ['2024-02-30', '2024-01-01'], 'v:text', ['2024-02-30', '2024-01-01']],
    ['day first', ['31/01/2024', '02/03/2024'], 'v:date', ['2024-01-31', '2024-03-02']],
    ['month first', ['01/31/2024', '02/03/2024'], 'v:date', ['2024-01-31', '2024-02-03']],
    ['dotted dates', ['31.12.2024', '1.2.2024'], 'v:date', ['2024-12-31', '2024-02-01']],
    ['year first', ['2024/12/31', '2024/1/2'], 'v:date', ['2024-12-31', '2024-01-02']],
    ['named months', ['Jan 5 2020', 'Dec 31 2021'], 'v:date', ['2020-01-05', '2021-12-31']],
    [
      'timestamps',
      ['2024-01-01T10:20:30', '2024-01-01 10:20'],
      'v:timestamp',
      ['2024-01-01T10:20:30', '2024-01-01T10:20:00'],
    ],
    [
      'day first with time',
      ['31/12/2024 23:59', '01/02/2024 00:00'],
      'v:timestamp',
      ['2024-12-31T23:59:00', '2024-02-01T00:00:00'],
    ],
    [
      'instants',
      ['2024-01-01T10:00:00Z', '2024-01-01T10:00+05:30', '2024-01-01T00:00:00.5-0300'],
      'v:timestamptz',
      ['2024-01-01T10:00:00Z', '2024-01-01T04:30:00Z', '2024-01-01T03:00:00.5Z'],
    ],
    ['times', ['10:20', '23:59:59'], 'v:time', ['10:20:00', '23:59:59']],
    ['uuids', ['123e4567-e89b-12d3-a456-426614174000'], 'v:uuid', ['123e4567-e89b-12d3-a456-426614174000']],
    ['integers, then text', ['1', '2', 'x'], 'v:text', ['1', '2', 'x']],
    ['thousands in quotes', ['"1,234"', '"12,345,678.50"'], 'v:decimal(2)', ['1234.00', '12345678.50']],
    ['thousands alone, in quotes', ['"1,234"', '"56,789"'], 'v:integer', [1234, 56789]],
    ['three decimals', ['1.234', '56.789'], 'v:decimal(3)', ['1.234', '56.789']],
    ['spaces around', ['" 1"', '2 '], 'v:integer', [1, 2]],
  ];
  test.each(cases)('%s', async (_, values, shape, expected) => {
    const loaded = await load(column(...values), { delimiter: ',' });
    expect(loaded.shape).toEqual([shape]);
    expect(loaded.rows.map(([value]) => value)).toEqual(expected);
  });

  test('a value after the first 20,000 decides too', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `${i},2024-01-01`);
    const loaded = await load(`a,b\n${lines.join('\n')}\n1.5,2024-13-01\n`);
    expect(loaded.shape).toEqual(['a:decimal(1)', 'b:text']);
    expect(loaded.warnings).toEqual([
      'types.nearMiss: column "b" is text because 1 of 30,001 values is not dates, e.g. line 30002: "2024-13-01". Mend them, name them in "nullValues", or give the type in "types" with badRows=keepAside',
    ]);
  });

  test('given types win, and what does not fit is a bad row', async () => {
    const csv = 'id,n\n007,1\n008,"x\ny"\n009,3\n';
    const loaded = await load(csv, { types: '{"id":"integer","n":"decimal"}', badRows: 'keepAside' });
    expect(loaded.shape).toEqual(['id:integer', 'n:decimal(0)']);
    expect(loaded.rows).toEqual([
      [7, '1'],
      [9, '3'],
    ]);
    expect(loaded.answer.body.rejected).toEqual({
      count: 1,
      rows: [{ line: 3, column: 'n', message: 'is not of type decimal', text: '008,"x\ny"' }],
    });
    const refused = await load(csv, { types: '{"n":"date"}' });
    expect(refused.answer.body).toMatchObject({ code: 'dataset.badRows', count: 3 });
  });
});

describe('empty values', () => {
  test('an empty field is null, a quoted one is an empty text', async () => {
    const loaded = await load('a,b\n,1\n"",2\nx,\n');
    expect(loaded.rows).toEqual([
      [null, 1],
      ['', 2],
      ['x', null],
    ]);
  });
  test('null values can be named', async () => {
    const loaded = await load('a,b\n1,NA\nn/a,x\n', { nullValues: '["NA","n/a"]' });
    expect(loaded.rows).toEqual([
      [1, null],
      [null, 'x'],
    ]);
  });
});

describe('the way a file is written is found out', () => {
  test('semicolons and decimal commas', async () => {
    const loaded = await load('Datum;Betrag;Menge\n31.12.2024;1.234,56;1.000\n01.01.2025;0,5;2.500\n');
    expect(loaded.shape).toEqual(['Datum:date', 'Betrag:decimal(2)', 'Menge:integer']);
    expect(loaded.rows).toEqual([
      ['2024-12-31', '1234.56', 1000],
      ['2025-01-01', '0.50', 2500],
    ]);
  });
  test('what may be grouped or not is told', async () => {
    const loaded = await load('a;b\n1.234;x\n2.345;y\n');
    expect(loaded.rows[0]).toEqual(['1.234', 'x']);
    expect(loaded.warnings[0]).toContain('"decimal"');
    const given = await load('a;b\n1.234;x\n2.345;y\n', { decimal: ',' });
    expect(given.rows[0]).toEqual([1234, 'x']);
  });
  test('dates that may be day or month first are told, and can be given', async () => {
    const loaded = await load('d\n01/02/2024\n03/04/2024\n');
    expect(loaded.rows[0]).toEqual(['2024-02-01']);
    expect(loaded.warnings[0]).toContain('dateFormat');
    expect((await load('d\n01/02/2024\n03/04/2024\n', { dateFormat: '%m/%d/%Y' })).rows[0]).toEqual([
      '2024-01-02',
    ]);
  });
  test('tabs, pipes, a file of one column', async () => {
    expect((await load('a\tb\n1\tx,y\n', {}, 'd.tsv')).rows).toEqual([[1, 'x,y']]);
    expect((await load('a|b\n1|x,y\n')).rows).toEqual([[1, 'x,y']]);
    expect((await load('name\nx y\nz\n')).rows).toEqual([['x y'], ['z']]);
  });
  test('no header, years as headings, double and empty names', async () => {
    expect((await load('1,x\n2,y\n')).shape).toEqual(['column_1:integer', 'column_2:text']);
    expect((await load('country,2019,2020\nIT,1,2\n')).shape).toEqual([
      'country:text',
      '2019:integer',
      '2020:integer',
    ]);
    const loaded = await load('a,a,,"b\u0000\nc",A,a_2\n1,2,3,4,5,6\n');
    expect(loaded.shape.map((text: string) => text.split(':')[0])).toEqual([
      'a',
      'a_3',
      'column_3',
      'b c',
      'A_4',
      'a_2',
    ]);
  });
  test('lines before the header can be left out', async () => {
    const loaded = await load('Report of May\n\na,b\n1,2\n3\n', { skipLines: '2', badRows: 'keepAside' });
    expect(loaded.shape).toEqual(['a:integer', 'b:integer']);
    expect(loaded.answer.body.rejected.rows[0].line).toBe(5);
  });
  test.each([
    ['CR LF', 'a,b\r\n1,"x\r\ny"\r\n2,z\r\n'],
    ['CR', 'a,b\r1,"x\r\ny"\r2,z\r'],
    ['LF without the last', 'a,b\n1,"x\r\ny"\n2,z'],
    ['a mixture', 'a,b\n1,"x\r\ny"\r\n2,z\r\n'],
  ])('lines that end with %s', async (_, csv) => {
    expect((await load(csv)).rows).toEqual([
      [1, 'x\r\ny'],
      [2, 'z'],
    ]);
  });
});

describe('encodings', () => {
  const text = 'name,city\nÅsa,Malmö\nJosé,Zürich\n';
  const rows = [
    ['Åsa', 'Malmö'],
    ['José', 'Zürich'],
  ];
  test.each(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'])('%s', async (encoding) => {
    expect((await load(iconv.encode(text, encoding))).rows).toEqual(rows);
    expect((await load(iconv.encode(text, encoding, { addBOM: encoding !== 'windows-1252' }))).rows).toEqual(
      rows,
    );
  });
  test('Arabic in windows-1256 is found, and said', async () => {
    const arabic = 'الاسم,المدينة\nأحمد,الرياض\nفاطمة,جدة\nمحمد,مكة المكرمة\n';
    const loaded = await load(iconv.encode(arabic, 'windows-1256'));
    expect(loaded.shape).toEqual(['الاسم:text', 'المدينة:text']);
    expect(loaded.rows[0]).toEqual(['أحمد', 'الرياض']);
    expect(loaded.warnings[0]).toContain('windows-1256');
  });
  test('one accent among plain letters is kept, as the Western one', async () => {
    const loaded = await load(iconv.encode('name,n\nAnn,1\nJosé,2\n', 'windows-1252'));
    expect(loaded.rows).toEqual([
      ['Ann', 1],
      ['José', 2],
    ]);
    expect(loaded.warnings).toEqual([expect.stringContaining('windows-1252')]);
  });
  test('a given one wins', async () => {
    expect((await load(iconv.encode('a\nж\n', 'windows-1251'), { encoding: 'windows-1251' })).rows).toEqual([
      ['ж'],
    ]);
  });
  test('a few broken bytes in UTF-8 are bad rows', async () => {
    const lines = Buffer.from(`a,b\n${'é,ü\n'.repeat(20)}`);
    const loaded = await load(Buffer.concat([lines, Buffer.from([0x78, 0x2c, 0xff, 0x0a])]), {
      badRows: 'keepAside',
    });
    expect(loaded.rows).toHaveLength(20);
    expect(loaded.answer.body.rejected.rows[0]).toMatchObject({ line: 22, column: 'b' });
  });
});

describe('bad rows', () => {
  const ragged = 'a,b\n1,2\n3\n"q\nq",5\n4,5,6\n7,8\n';
  test('are refused with their lines', async () => {
    const { answer } = await load(ragged);
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({
      code: 'dataset.badRows',
      count: 2,
      rows: [
        { line: 3, message: 'has 1 field; 2 are expected', text: '3' },
        { line: 6, message: 'has 3 fields; 2 are expected', text: '4,5,6' },
      ],
    });
  });
  test.each(['\n', '\r\n'])('are kept aside where asked for (%j)', async (end) => {
    const name = `aside${++number}`;
    const { body } = await lake.upload({ name, badRows: 'keepAside' }, ragged.replaceAll('\n', end));
    expect(body).toMatchObject({ rowCount: 3, rejected: { count: 2, rows: [{ line: 3 }, { line: 6 }] } });
    const response = await fetch(`${lake.url}/api/datasets/${name}/generations/1/rejected`, {
      headers: { authorization: 'Bearer viewer' },
    });
    const lines = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ line, text }) => [line, text])).toEqual([
      [3, '3'],
      [6, '4,5,6'],
    ]);
  });
  test('a quote that does not end', async () => {
    const loaded = await load('a,b\n1,2\n3,"abc\n4,5\n');
    expect(loaded.answer.body).toMatchObject({ code: 'dataset.badRows', count: 1, rows: [{ line: 3 }] });
  });
  test('only the first hundred are listed, all are counted and kept', async () => {
    const name = `many${++number}`;
    const csv = `a,b\n1,2\n${'x\n'.repeat(250)}3,4\n`;
    const { body } = await lake.upload({ name, badRows: 'keepAside' }, csv);
    expect(body.rejected.count).toBe(250);
    expect(body.rejected.rows).toHaveLength(100);
    expect(body.rowCount).toBe(2);
    const response = await fetch(`${lake.url}/api/datasets/${name}/generations/1/rejected`, {
      headers: { authorization: 'Bearer viewer' },
    });
    expect((await response.text()).trim().split('\n')).toHaveLength(250);
  });
});

describe('files that are no CSV', () => {
  test('a header alone is a dataset without rows', async () => {
    const loaded = await load('a,b\n');
    expect(loaded.shape).toEqual(['a:text', 'b:text']);
    expect(loaded.answer.body.rowCount).toBe(0);
    const profile = await lake.call('GET', `/datasets/${loaded.answer.body.id}/profile`);
    expect(profile.body.columns[0]).toMatchObject({ nulls: 0, distinct: 0, min: null, top: [] });
  });
  test.each([
    ['an empty file', '', 'dataset.empty'],
    ['blank lines', '\n\n\n', 'dataset.empty'],
    [
      'random bytes',
      Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3) * 104729) % 256)),
      'dataset.badFile',
    ],
    [
      'a picture',
      Buffer.from('89504e470d0a1a0a0000000d4948445200000001000000010806000000', 'hex'),
      'dataset.badFile',
    ],
    ['a spreadsheet', Buffer.from('PK\x03\x04xl/workbook.xml'), 'request.unsupportedMedia'],
  ])('%s is refused', async (_, content, code) => {
    expect((await load(content)).answer.body.code).toBe(code);
  });
  test('NUL in a text is kept', async () => {
    expect((await load(`a,b\nx\0y,${'z'.repeat(300)}\n`)).rows[0]?.[0]).toBe('x\0y');
  });
  test('a line of three megabytes is a bad row', async () => {
    const loaded = await load(`a,b\n1,2\n3,${'x'.repeat(3_000_000)}\n`, { badRows: 'keepAside' });
    expect(loaded.rows).toEqual([[1, 2]]);
    expect(loaded.answer.body.rejected.rows[0].line).toBe(3);
  });
  test('too many columns are refused and counted', async () => {
    const loaded = await load(`${Array.from({ length: 2001 }, (_, i) => `c${i}`).join(',')}\n`);
    expect(loaded.answer.body).toMatchObject({ code: 'request.tooLarge', limit: 'UPLOAD_MAX_COLUMNS' });
    expect(await lake.metrics.registry.metrics()).toContain('limits_hit_total{limit="UPLOAD_MAX_COLUMNS"} 1');
  });
  test('the service goes on after all that', async () => {
    expect((await load('a\n1\n')).rows).toEqual([[1]]);
  });
});
