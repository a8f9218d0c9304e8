import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type Lake, startLake } from './datasets-kit.ts';
import { codesOf, column, load } from './datasets-values-kit.ts';

let lake: Lake;
beforeAll(async () => {
  lake = await startLake();
});
afterAll(() => lake[Symbol.asyncDispose]());

const typesOf = (csv: string, options: Record<string, unknown> = {}) =>
  load(lake, csv, { delimiter: ',', ...options });

describe('codes are no dates', () => {
  const codes: [string, string[]][] = [
    ['versions', ['14.2.10', '15.3.11']],
    ['versions that could be padded dates in part', ['14.02.10', '15.3.11']],
    ['part numbers', ['1-2-10', '3-4-11']],
    ['part numbers of four digits', ['5432-1-2', '6000-10-11']],
    ['addresses', ['10.12.24.1', '10.12.24.2']],
    ['years far ahead', ['14.02.60', '15.03.61']],
    ['unlikely years', ['5432.10.11', '7000.01.02']],
    ['no such day', ['31.02.2024', '30.02.2024']],
  ];
  test.each(codes)('%s', async (_, values) => {
    const loaded = await typesOf(column(...values));
    expect(loaded.shape).toEqual(['v:text']);
    expect(loaded.rows).toEqual(values.map((value) => [value]));
  });

  test('a column that could be dates says so', async () => {
    const loaded = await typesOf('code,n\n14.2.10,1\n15.3.11,2\n');
    expect(loaded.shape).toEqual(['code:text', 'n:integer']);
    expect(loaded.warnings).toEqual([
      'dates.doubtful: column "code" has values that could be dates (%d.%m.%y) but are more likely codes; it was kept as text. Give "dateFormats" to read dates, such as {"code":"%d.%m.%y"}',
    ]);
    const given = await typesOf('code,n\n14.2.10,1\n15.3.11,2\n', { dateFormats: { code: '%d.%m.%y' } });
    expect(given.rows).toEqual([
      ['2010-02-14', 1],
      ['2011-03-15', 2],
    ]);
    expect(given.warnings).toEqual([]);
  });

  test('what a doubt proposes reads the column', async () => {
    for (const values of [['5432-1-2'], ['5432.10.11'], ['14.02.60'], ['1/2/2460']]) {
      const { warnings } = await typesOf(column(...values));
      const dateFormats = JSON.parse(/such as (\{.*\})$/.exec(warnings[0]!)![1]!);
      expect((await typesOf(column(...values), { dateFormats })).shape).toEqual(['v:date']);
    }
  });

  const dates: [string, string[], string, string[]][] = [
    ['four digits of the year', ['14.2.2010', '15.3.2011'], 'date', ['2010-02-14', '2011-03-15']],
    ['padded', ['14.02.10', '15.03.11'], 'date', ['2010-02-14', '2011-03-15']],
    ['slashes', ['1/22/20', '12/3/20'], 'date', ['2020-01-22', '2020-12-03']],
    [
      'a time of day',
      ['14.2.10 9:30', '15.3.11 10:00'],
      'timestamp',
      ['2010-02-14T09:30:00', '2011-03-15T10:00:00'],
    ],
    ['the turn of two digits', ['31/12/69', '31/12/40'], 'date', ['1969-12-31', '2040-12-31']],
  ];
  test.each(dates)('%s speak for dates', async (_, values, type, expected) => {
    const loaded = await typesOf(column(...values));
    expect(loaded.shape).toEqual([`v:${type}`]);
    expect(loaded.rows.map(([value]) => value)).toEqual(expected);
  });

  test('two-digit years are told', async () => {
    expect((await typesOf(column('14.02.10', '15.03.11'))).codes).toEqual(['dates.shortYear v']);
    expect((await typesOf(column('14.02.2010'))).codes).toEqual([]);
  });
});

describe('day and month', () => {
  test('one column decides for all', async () => {
    const loaded = await typesOf(
      'ordered,shipped,at,n\n12/25/2024,01/02/2025,01/02/2025 10:00,1\n12/26/2024,01/03/2025,01/03/2025 11:00,2\n',
    );
    expect(loaded.rows).toEqual([
      ['2024-12-25', '2025-01-02', '2025-01-02T10:00:00', 1],
      ['2024-12-26', '2025-01-03', '2025-01-03T11:00:00', 2],
    ]);
    expect(loaded.codes).toEqual(['dates.ambiguousOrder shipped', 'dates.ambiguousOrder at']);
    expect(loaded.warnings[0]).toContain('month first (%m/%d/%Y), as column "ordered" is');
    expect(loaded.warnings[0]).toContain('{"shipped":"%d/%m/%Y"}');
  });

  test('the deciding column may come last, with another separator and a value that is none', async () => {
    const values = Array.from({ length: 300 }, (_, i) => `0${1 + (i % 9)}-0${1 + (i % 7)}-2024`);
    const lines = values.map((value, i) => `${value},${i === 5 ? 'n/a' : `12/${13 + (i % 10)}/2024`}`);
    const loaded = await typesOf(`a,b\n${lines.join('\n')}\n`);
    expect(loaded.shape).toEqual(['a:date', 'b:text']);
    expect(loaded.rows[8]![0]).toBe('2024-09-02');
  });

  test('columns that contradict each other are told', async () => {
    const loaded = await typesOf('a,b,c\n25/12/2024,12/25/2024,01/02/2024\n');
    expect(loaded.rows).toEqual([['2024-12-25', '2024-12-25', '2024-02-01']]);
    expect(loaded.codes).toEqual(['dates.mixedOrders a', 'dates.ambiguousOrder c']);
    expect(loaded.warnings[1]).toContain('contradict');
  });

  test('codes decide nothing', async () => {
    const loaded = await typesOf('code,d\n5.13.10,01/02/2024\n6.14.11,03/04/2024\n');
    expect(loaded.rows[0]).toEqual(['5.13.10', '2024-02-01']);
    expect(loaded.codes).toEqual(['dates.doubtful code', 'dates.ambiguousOrder d']);
  });

  test('a type that is asked for is told too', async () => {
    const loaded = await typesOf(column('01/02/2024', '03/04/2024'), { types: { v: 'date' } });
    expect(loaded.codes).toEqual(['dates.ambiguousOrder v']);
    const other = await typesOf('v,w\n01/02/2024,12/31/2024\n', { types: { v: 'date' } });
    expect(other.rows).toEqual([['2024-01-02', '2024-12-31']]);
    const asTimestamp = await typesOf(column('31/12/2024', '01/02/2024'), { types: { v: 'timestamp' } });
    expect(asTimestamp.rows).toEqual([['2024-12-31T00:00:00'], ['2024-02-01T00:00:00']]);
    expect(asTimestamp.codes).toEqual([]);
  });
});

describe('a format that is given', () => {
  test('applies where it fits and leaves ISO columns as they are', async () => {
    const csv =
      'us,iso,at,n\n01/02/2025,2025-03-04,2025-03-04 10:00:00,1\n02/03/2025,2025-03-05,2025-03-05 11:00:00,2\n';
    const loaded = await typesOf(csv, { dateFormat: '%m/%d/%Y' });
    expect(loaded.shape).toEqual(['us:date', 'iso:date', 'at:timestamp', 'n:integer']);
    expect(loaded.rows[0]).toEqual(['2025-01-02', '2025-03-04', '2025-03-04T10:00:00', 1]);
    expect(loaded.warnings).toEqual([]);
  });

  test('decides the order of other columns', async () => {
    const loaded = await typesOf('a,b\n01/02/2025,01-02-2025\n', { dateFormat: '%m/%d/%Y' });
    expect(loaded.rows).toEqual([['2025-01-02', '2025-01-02']]);
    expect(loaded.codes).toEqual(['dates.ambiguousOrder b']);
  });

  const given: [string, string, string[], string, unknown[]][] = [
    ['digits', '%Y%m%d', ['20240131', '20240229'], 'date', ['2024-01-31', '2024-02-29']],
    ['digits with a short year', '%y%m%d', ['240131', '251231'], 'date', ['2024-01-31', '2025-12-31']],
    [
      'an offset',
      '%d/%m/%Y %H:%M:%S %z',
      ['31/01/2024 10:00:00 +0200'],
      'timestamptz',
      ['2024-01-31T08:00:00Z'],
    ],
    [
      'an offset with a colon',
      '%d/%m/%Y %H:%M %z',
      ['31/01/2024 10:00-03:30'],
      'timestamptz',
      ['2024-01-31T13:30:00Z'],
    ],
    ['Z', '%d/%m/%Y %H:%M:%S%z', ['31/01/2024 10:00:00Z'], 'timestamptz', ['2024-01-31T10:00:00Z']],
    [
      'a zone',
      '%d/%m/%Y %H:%M %Z',
      ['31/07/2024 10:00 Europe/Rome'],
      'timestamptz',
      ['2024-07-31T08:00:00Z'],
    ],
    [
      'months of another language',
      '%d. %B %Y',
      ['3. März 2024', '4. Dezember 2024'],
      'date',
      ['2024-03-03', '2024-12-04'],
    ],
    ['weekdays', '%A, %d de %B de %Y', ['"lunes, 1 de enero de 2024"'], 'date', ['2024-01-01']],
    ['days of the year', '%Y-%j', ['2024-366', '2023-001'], 'date', ['2024-12-31', '2023-01-01']],
    ['a clock of twelve hours', '%I:%M %p', ['12:05 AM', '12:05 pm'], 'time', ['00:05:00', '12:05:00']],
    ['a month', '%Y-%m', ['2024-05', '2024-06'], 'date', ['2024-05-01', '2024-06-01']],
    ['a shorthand', '%D', ['01/31/24'], 'date', ['2024-01-31']],
    ['signs of patterns', '(%d.%m.%Y)', ['(31.01.2024)'], 'date', ['2024-01-31']],
  ];
  test.each(given)('%s', async (_, dateFormat, values, type, expected) => {
    const loaded = await typesOf(`v\n${values.join('\n')}\n`, { dateFormat, header: 'true' });
    expect(loaded.shape).toEqual([`v:${type}`]);
    expect(loaded.rows.map(([value]) => value)).toEqual(expected);
    expect(loaded.warnings).toEqual([]);
  });

  test('takes no numbers that are unlikely dates, and no short year for a long one', async () => {
    const loaded = await typesOf('d,id,n\n20240131,10000101,1\n20240229,10010101,2\n', {
      dateFormat: '%Y%m%d',
    });
    expect(loaded.shape).toEqual(['d:date', 'id:integer', 'n:integer']);
    expect((await typesOf(column('1/2/5', '2/3/6'), { dateFormat: '%d/%m/%Y' })).shape).toEqual(['v:text']);
  });

  test('that fits nowhere is told', async () => {
    const loaded = await typesOf(column('2024-01-31'), { dateFormat: '%d/%m/%Y' });
    expect(loaded.shape).toEqual(['v:date']);
    expect(loaded.warnings).toEqual([
      'dates.formatUnused: no column has dates as dateFormat "%d/%m/%Y" writes them. Check it, or leave it out',
    ]);
  });

  test('applies to numbers and strings of JSON', async () => {
    const loaded = await load(
      lake,
      '[{"a":20240131,"b":"31.01.24"},{"a":20240229,"b":"01.02.24"}]',
      { dateFormats: { a: '%Y%m%d', b: '%d.%m.%y' } },
      'a.json',
    );
    expect(loaded.shape).toEqual(['a:date', 'b:date']);
    expect(loaded.rows[0]).toEqual(['2024-01-31', '2024-01-31']);
  });

  test('each column can have its own, and what does not fit it is a bad row', async () => {
    const csv = 'a,b,c\n01/02/2024,01/02/2024,20240131\n03/04/2024,03/04/2024,x\n';
    const dateFormats = { a: '%d/%m/%Y', b: '%m/%d/%Y', c: '%Y%m%d' };
    const loaded = await typesOf(csv, { dateFormats, badRows: 'keepAside' });
    expect(loaded.rows).toEqual([['2024-02-01', '2024-01-02', '2024-01-31']]);
    expect(loaded.answer.body.rejected.rows[0]).toMatchObject({ line: 3, column: 'c' });
    expect(loaded.codes).toEqual(['dates.mixedOrders a']);
    expect((await typesOf(csv, { dateFormats })).answer.body).toMatchObject({
      code: 'dataset.badRows',
      count: 1,
    });
  });

  const refused: [Record<string, unknown>, string, string][] = [
    [{ dateFormat: '%Q-%Y' }, '/dateFormat', '%Q'],
    [{ dateFormat: '%d/%m' }, '/dateFormat', 'no year'],
    [{ dateFormat: '%I:%M' }, '/dateFormat', '%p'],
    [{ dateFormat: '%Y %Y' }, '/dateFormat', 'twice'],
    [{ dateFormats: { w: '%Y' } }, '/dateFormats', '"w"'],
    [{ dateFormats: { v: '%Y-%m-%d' }, types: { v: 'integer' } }, '/dateFormats/v', 'types asks for integer'],
    [{ dateFormats: '["%Y"]' }, '/dateFormats', 'object'],
  ];
  test.each(refused)('%j is refused', async (options, pointer, said) => {
    const { answer } = await typesOf(column('2024-01-31'), options);
    expect(answer.body).toMatchObject({ code: 'request.invalid', pointer });
    expect(answer.body.detail).toContain(said);
    expect(answer.status).toBe(400);
  });
});

describe('offsets and month names', () => {
  const written: [string, string[], string, string[]][] = [
    [
      'an offset after a blank',
      ['2024-01-31 13:45:00 +0100', '2024-07-31 13:45:00 +0200'],
      'timestamptz',
      ['2024-01-31T12:45:00Z', '2024-07-31T11:45:00Z'],
    ],
    [
      'offsets of every form',
      [
        '2024-01-31 13:45:00 +01:00',
        '2024-01-31T13:45 -05',
        '2024-01-31 13:45:00.25 UTC',
        '2024-01-31T13:45Z',
      ],
      'timestamptz',
      ['2024-01-31T12:45:00Z', '2024-01-31T18:45:00Z', '2024-01-31T13:45:00.25Z', '2024-01-31T13:45:00Z'],
    ],
    [
      'an offset after other dates',
      ['31/01/2024 10:00:00 +0200', '01/02/2024 10:00:00 +02:00'],
      'timestamptz',
      ['2024-01-31T08:00:00Z', '2024-02-01T08:00:00Z'],
    ],
    ['fractions of seconds', ['31.01.2024 10:00:00.125'], 'timestamp', ['2024-01-31T10:00:00.125']],
    [
      'German',
      ['1. März 2024', '24. Dez. 2024', '5 Okt 2024'],
      'date',
      ['2024-03-01', '2024-12-24', '2024-10-05'],
    ],
    [
      'French',
      ['1er janvier 2024', '14 juil. 2024', '2 AOÛT 2024'],
      'date',
      ['2024-01-01', '2024-07-14', '2024-08-02'],
    ],
    [
      'Spanish',
      ['1 de enero de 2024', '2 sept 2024', '3-dic-2024'],
      'date',
      ['2024-01-01', '2024-09-02', '2024-12-03'],
    ],
    [
      'Italian',
      ['1 gennaio 2024', '2 giu 2024', '3 lug. 2024'],
      'date',
      ['2024-01-01', '2024-06-02', '2024-07-03'],
    ],
    ['Portuguese', ['1 de março de 2024', '2 out. 2024'], 'date', ['2024-03-01', '2024-10-02']],
    [
      'Dutch',
      ['1 maart 2024', '2 mrt. 2024', '3 mei 2024'],
      'date',
      ['2024-03-01', '2024-03-02', '2024-05-03'],
    ],
    [
      'Polish',
      ['1 stycznia 2024', '2 paź 2024', '3 grudnia 2024'],
      'date',
      ['2024-01-01', '2024-10-02', '2024-12-03'],
    ],
    [
      'Turkish',
      ['1 OCAK 2024', '2 Ağustos 2024', '3 KASIM 2024'],
      'date',
      ['2024-01-01', '2024-08-02', '2024-11-03'],
    ],
    [
      'Russian',
      ['1 января 2024', '2 мая 2024', '3 сент. 2024'],
      'date',
      ['2024-01-01', '2024-05-02', '2024-09-03'],
    ],
    [
      'English',
      ['"Jan. 5, 2024"', '"December 31st, 2024"', 'Sept 1 2024'],
      'date',
      ['2024-01-05', '2024-12-31', '2024-09-01'],
    ],
    ['Hungarian', ['2024. január 5.', '2024. dec. 6.'], 'date', ['2024-01-05', '2024-12-06']],
    [
      'mail',
      ['"Mon, 01 Jan 2024 10:00:00 +0200"', '"Tue, 02 Jan 2024 09:05:00 GMT"'],
      'timestamptz',
      ['2024-01-01T08:00:00Z', '2024-01-02T09:05:00Z'],
    ],
    ['logs', ['31/Jan/2024:10:00:00 +0100'], 'timestamptz', ['2024-01-31T09:00:00Z']],
    [
      'clocks of twelve hours',
      ['5 May 2024 1:05 PM', '5 May 2024 12:05 a.m.'],
      'timestamp',
      ['2024-05-05T13:05:00', '2024-05-05T00:05:00'],
    ],
  ];
  test.each(written)('%s', async (_, values, type, expected) => {
    const loaded = await typesOf(`v\n${values.join('\n')}\n`, { header: 'true' });
    expect(loaded.shape).toEqual([`v:${type}`]);
    expect(loaded.rows.map(([value]) => value)).toEqual(expected);
    expect(codesOf(loaded.warnings)).toEqual([]);
  });

  test('words that are no months make no dates', async () => {
    for (const value of ['5 apples 2024', '12 Marx 2024', '31 Feb 2024', '5 ma 2024'])
      expect((await typesOf(`v\n${value}\n`)).shape).toEqual(['v:text']);
  });
});
