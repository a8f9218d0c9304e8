import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type Lake, startLake } from './datasets-kit.ts';
import { column, load } from './datasets-values-kit.ts';

let lake: Lake;
beforeAll(async () => {
  lake = await startLake();
});
afterAll(() => lake[Symbol.asyncDispose]());

const typesOf = (csv: string, options: Record<string, unknown> = {}) =>
  load(lake, csv, { delimiter: ',', ...options });
const json = (text: string, options: Record<string, unknown> = {}) => load(lake, text, options, 'a.json');

describe('digits are kept or told', () => {
  const exact: [string, string[], string, string[]][] = [
    ['ten decimals', ['0.1234567891', '2'], 'decimal(10)', ['0.1234567891', '2.0000000000']],
    ['eighteen decimals', ['0.123456789012345678'], 'decimal(18)', ['0.123456789012345678']],
    [
      '38 digits',
      ['12345678901234567890.123456789012345678'],
      'decimal(18)',
      ['12345678901234567890.123456789012345678'],
    ],
  ];
  test.each(exact)('%s', async (_, values, type, expected) => {
    const loaded = await typesOf(column(...values));
    expect(loaded.shape).toEqual([`v:${type}`]);
    expect(loaded.rows.map(([value]) => value)).toEqual(expected);
    expect(loaded.warnings).toEqual([]);
  });

  const rounded: [string, string[]][] = [
    ['nineteen decimals', ['0.1234567890123456789', '2']],
    ['more than 38 digits', ['123456789012345678901234567890.123456789', '2']],
    ['large integers with exponents', ['12345678901234567', '1e3']],
    ['what a float makes nothing of', ['1e-400', '1.5e3']],
  ];
  test.each(rounded)('%s are told', async (_, values) => {
    const loaded = await typesOf(column(...values));
    expect(loaded.shape).toEqual(['v:float']);
    expect(loaded.codes).toEqual(['numbers.inexact v']);
    expect(loaded.warnings[0]).toContain('has 1 value with more digits than a float holds');
    const asText = await typesOf(column(...values), { types: { v: 'text' } });
    expect(asText.rows.map(([value]) => value)).toEqual(values);
  });

  test('what a float holds is not told', async () => {
    const loaded = await typesOf(column('0.30000000000000004', '5.551115123125783e-17', '1e22'));
    expect(loaded.shape).toEqual(['v:float']);
    expect(loaded.rows.map(([value]) => value)).toEqual([0.30000000000000004, 5.551115123125783e-17, 1e22]);
    expect(loaded.warnings).toEqual([]);
  });

  test('a number past the range of floats is no infinity', async () => {
    const few = await typesOf(column('1e400', '1'));
    expect(few.shape).toEqual(['v:text']);
    expect(few.rows).toEqual([['1e400'], ['1']]);
    const many = await typesOf(column(...Array.from({ length: 200 }, (_, i) => `${i}.5`), '1e400'));
    expect(many.shape).toEqual(['v:text']);
    expect(many.warnings[0]).toContain('1 of 201 values is not numbers, e.g. line 202: "1e400"');
    const forced = await typesOf(column('1e400', '1'), { types: { v: 'float' } });
    expect(forced.answer.body).toMatchObject({ code: 'dataset.badRows', count: 1 });
  });
});

describe('numbers of JSON', () => {
  test('a large integer with a fraction in its column', async () => {
    const loaded = await json('[{"v":12345678901234567},{"v":1.5}]');
    expect(loaded.shape).toEqual(['v:decimal(1)']);
    expect(loaded.rows).toEqual([['12345678901234567.0'], ['1.5']]);
  });

  test('small numbers stay floats', async () => {
    const loaded = await json('[{"v":3},{"v":1.5},{"v":0.30000000000000004}]');
    expect(loaded.shape).toEqual(['v:float']);
    expect(loaded.rows).toEqual([[3], [1.5], [0.30000000000000004]]);
    expect(loaded.warnings).toEqual([]);
  });

  test('every digit of a long fraction is kept, or told', async () => {
    const text = '[{"v":0.123456789012345678,"w":{"v":9.5},"a.b":-12345678901234567.25},{"v":2,"a.b":1}]';
    const loaded = await json(text);
    expect(loaded.shape).toEqual(['v:decimal(18)', 'w:json', 'a.b:decimal(2)']);
    expect(loaded.rows.map((row) => [row[0], row[2]])).toEqual([
      ['0.123456789012345678', '-12345678901234567.25'],
      ['2.000000000000000000', '1.00'],
    ]);
    const lines = await load(lake, '{"v":0.1234567890123456789012}\n{"v":1}\n', {}, 'a.ndjson');
    expect(lines.shape).toEqual(['v:float']);
    expect(lines.codes).toEqual(['numbers.inexact v']);
  });

  test('integers of any length', async () => {
    const loaded = await json('[{"v":18446744073709551616},{"v":-99999999999999999999999999999999999999}]');
    expect(loaded.shape).toEqual(['v:decimal(0)']);
    expect(loaded.rows).toEqual([['18446744073709551616'], ['-99999999999999999999999999999999999999']]);
  });

  test('a number past the range of floats', async () => {
    const loaded = await json('[{"v":1e400},{"v":1}]');
    expect(loaded.shape).toEqual(['v:text']);
    expect(loaded.rows).toEqual([['1e400'], ['1']]);
  });
});

describe('NaN', () => {
  test('is told, and profile and totals say the same of it', async () => {
    const loaded = await typesOf('k,v\na,1.5\nb,NaN\nc,2.5\n');
    expect(loaded.rows).toEqual([
      ['a', 1.5],
      ['b', 'NaN'],
      ['c', 2.5],
    ]);
    expect(loaded.codes).toEqual(['numbers.notFinite v']);
    const { body } = await lake.call('GET', `/datasets/${loaded.name}/profile`);
    expect(body.columns[1]).toMatchObject({ min: 1.5, max: 'NaN', mean: 'NaN', notFinite: 1, nulls: 0 });
    expect(
      body.columns[1].histogram.reduce((sum: number, bin: { count: number }) => sum + bin.count, 0),
    ).toBe(2);
    const asNull = await typesOf('k,v\na,1.5\nb,NaN\nc,2.5\n', { nullValues: ['NaN'] });
    expect(asNull.shape).toEqual(['k:text', 'v:decimal(1)']);
    expect(asNull.warnings).toEqual([]);
  });

  test('alone is profiled too', async () => {
    const loaded = await typesOf(column('NaN', 'NaN'));
    const { body } = await lake.call('GET', `/datasets/${loaded.name}/profile`);
    expect(body.columns[0]).toMatchObject({
      min: 'NaN',
      max: 'NaN',
      mean: 'NaN',
      notFinite: 2,
      histogram: [],
    });
  });
});

describe('numbers with marks', () => {
  const all = ['percent', 'currency', 'accounting', 'trailingMinus', 'grouping'];
  const written: [string, string[], string[], string, unknown[], Record<string, unknown>?][] = [
    ['percent', ['percent'], ['12.5%', '5 %', '-0.25%'], 'decimal(4)', ['0.1250', '0.0500', '-0.0025']],
    ['whole percent', ['percent'], ['12%', '100%', '%5'], 'decimal(2)', ['0.12', '1.00', '0.05']],
    ['percent with exponents', ['percent'], ['12%', '5%'], 'decimal(2)', ['0.12', '0.05']],
    ['dollars', ['currency'], ['$1,234.50', '-$5', '$ -6'], 'decimal(2)', ['1234.50', '-5.00', '-6.00']],
    [
      'euros behind',
      ['currency'],
      ['1.234,50 €', '-5,00 €', '7 €'],
      'decimal(2)',
      ['1234.50', '-5.00', '7.00'],
    ],
    [
      'francs',
      ['currency', 'grouping'],
      ["CHF 1'234.50", 'CHF 1’234.55'],
      'decimal(2)',
      ['1234.50', '1234.55'],
    ],
    ['kroner', ['currency'], ['12 kr', '13 kr'], 'integer', [12, 13]],
    [
      'złoty',
      ['currency', 'grouping'],
      ['1 234,50 zł', '2\u00a0345,60 zł', '9\u202f999,00 zł'],
      'decimal(2)',
      ['1234.50', '2345.60', '9999.00'],
    ],
    [
      'rupees',
      ['currency', 'grouping'],
      ['₹1,23,456.70', '₹12,34,56,789'],
      'decimal(2)',
      ['123456.70', '123456789.00'],
    ],
    ['codes', ['currency'], ['USD 5', '6 USD', 'usd 7.5'], 'decimal(1)', ['5.0', '6.0', '7.5']],
    [
      'accounting',
      ['accounting'],
      ['(10.50)', '10.50', '(1,000.25)'],
      'decimal(2)',
      ['-10.50', '10.50', '-1000.25'],
    ],
    [
      'accounting dollars',
      ['accounting', 'currency'],
      ['($10.50)', '$(10.50)', '$ (1.25)', '$3'],
      'decimal(2)',
      ['-10.50', '-10.50', '-1.25', '3.00'],
    ],
    [
      'trailing minus',
      ['trailingMinus'],
      ['10,50-', '1.234,00', '3,25 -'],
      'decimal(2)',
      ['-10.50', '1234.00', '-3.25'],
    ],
    [
      'Indian groups',
      ['grouping'],
      ['1,23,456.70', '12,345.00', '999.10'],
      'decimal(2)',
      ['123456.70', '12345.00', '999.10'],
    ],
    ['Indian integers', ['grouping'], ['1,23,456', '1,00,00,000'], 'integer', [123456, 10000000]],
    ['Swiss groups', ['grouping'], ['1’234’567', '12’345'], 'integer', [1234567, 12345]],
    ['thin spaces', ['grouping'], ['1\u2009234.5', '12\u202f345.5'], 'decimal(1)', ['1234.5', '12345.5']],
    ['floats', ['currency'], ['$1e3', '$2.5'], 'text', ['$1e3', '$2.5']],
    ['all at once', all, ['($1,234.50)', '$5.00-', '$6'], 'decimal(2)', ['-1234.50', '-5.00', '6.00']],
    ['nothing to read', all, ['1', '2'], 'integer', [1, 2]],
  ];
  test.each(written)('%s', async (_, numberFormats, values, type, expected) => {
    const loaded = await typesOf(column(...values), { numberFormats, header: 'true' });
    expect(loaded.shape).toEqual([`v:${type}`]);
    expect(loaded.rows.map(([value]) => value)).toEqual(expected);
    expect(loaded.warnings).toEqual([]);
  });

  const none: [string, string[], string[]][] = [
    ['an open bracket', ['accounting'], ['(10', '5']],
    ['two signs', ['accounting', 'trailingMinus'], ['(10-)', '5']],
    ['two brackets', ['accounting', 'currency'], ['($(10))', '5']],
    ['two currencies in a value', ['currency'], ['$5 €', '6']],
    ['groups of another length', ['grouping'], ['1,2345', '12,34']],
    ['mixed groups', ['grouping'], ["1,234'567", '1']],
    ['marks that were not named', ['currency'], ['5%', '6%']],
    ['unknown signs', ['currency'], ['5 x', '6 x']],
  ];
  test.each(none)('%s is no number', async (_, numberFormats, values) => {
    const loaded = await typesOf(column(...values), { numberFormats, decimal: '.' });
    expect(loaded.shape).toEqual(['v:text']);
    expect(loaded.rows.map(([value]) => value)).toEqual(values);
  });

  test('without the option they are text', async () => {
    for (const value of ['5%', '$5', '(5)', '5-', '1’234'])
      expect((await typesOf(column(value, value))).shape).toEqual(['v:text']);
  });

  test('values with % and without are told', async () => {
    const loaded = await typesOf(column('5%', '5', '0.5'), { numberFormats: ['percent'] });
    expect(loaded.rows).toEqual([['0.050'], ['5.000'], ['0.500']]);
    expect(loaded.warnings).toEqual([
      'numbers.mixedPercent: column "v" has 1 value with % and 2 values without; 5% was read as 0.05, 5 as 5. Write all alike, or give the type text in "types"',
    ]);
  });

  test('values with a currency and without are told', async () => {
    const loaded = await typesOf(column('$5', '6'), { numberFormats: ['currency'] });
    expect(loaded.rows).toEqual([[5], [6]]);
    expect(loaded.codes).toEqual(['numbers.mixedCurrency v']);
  });

  test('currencies are never added to one another', async () => {
    const loaded = await typesOf(column('$5', '€6'), { numberFormats: ['currency'] });
    expect(loaded.shape).toEqual(['v:text']);
    expect(loaded.codes).toEqual(['numbers.currencies v']);
    const forced = await typesOf(column('$5', '€6'), {
      numberFormats: ['currency'],
      types: { v: 'decimal' },
    });
    expect(forced.rows).toEqual([['5'], ['6']]);
    expect(forced.codes).toEqual(['numbers.currencies v']);
  });

  test('types takes what the options allow', async () => {
    const csv = 'p,c,n\n12.5%,(€5),x\n7%,€6.25,y\n';
    const options = {
      numberFormats: ['percent', 'currency', 'accounting'],
      types: { p: 'float', c: 'decimal' },
    };
    const loaded = await typesOf(csv, options);
    expect(loaded.shape).toEqual(['p:float', 'c:decimal(2)', 'n:text']);
    expect(loaded.rows).toEqual([
      [0.125, '-5.00', 'x'],
      [0.07, '6.25', 'y'],
    ]);
    const refused = await typesOf(csv, { ...options, types: { p: 'integer', n: 'decimal' } });
    expect(refused.answer.body).toMatchObject({ code: 'dataset.badRows', count: 2 });
  });

  test('strings of JSON are numbers only where they have marks', async () => {
    const loaded = await json('[{"a":"5%","b":"00123","c":"7"},{"a":"6%","b":"1","c":"8"}]', {
      numberFormats: ['percent'],
    });
    expect(loaded.shape).toEqual(['a:decimal(2)', 'b:text', 'c:text']);
  });

  const refused: [Record<string, unknown>, string][] = [
    [{ numberFormats: ['euro'] }, '/numberFormats/0'],
    [{ numberFormats: [] }, '/numberFormats'],
    [{ numberFormats: 'percent' }, '/numberFormats'],
    [{ booleans: ['Y'] }, '/booleans/0'],
    [{ booleans: ['y/Y'] }, '/booleans'],
  ];
  test.each(refused)('%j is refused', async (options, pointer) => {
    const { answer } = await typesOf(column('1'), options);
    expect(answer.body).toMatchObject({ code: 'request.invalid', pointer });
    expect(answer.status).toBe(400);
  });
});

describe('pairs of words as booleans', () => {
  const csv = 'a,b,c,d,e\nY,1,ja,yes,1\nN,0,nein,no,1\n';
  test('are read where they are named', async () => {
    const plain = await typesOf(csv);
    expect(plain.shape).toEqual(['a:text', 'b:integer', 'c:text', 'd:boolean', 'e:integer']);
    const loaded = await typesOf(csv, { booleans: ['Y/N', '1/0', 'Ja/Nein'] });
    expect(loaded.shape).toEqual(['a:boolean', 'b:boolean', 'c:boolean', 'd:boolean', 'e:integer']);
    expect(loaded.rows).toEqual([
      [true, true, true, true, 1],
      [false, false, false, false, 1],
    ]);
    expect(loaded.codes).toEqual(['booleans.fromNumbers b']);
  });

  test('a pair may be turned about', async () => {
    const loaded = await typesOf(column('0', '1'), { booleans: ['0/1'] });
    expect(loaded.rows).toEqual([[true], [false]]);
  });

  test('types takes them, and Y/N and 1/0 without being named', async () => {
    const loaded = await typesOf('a,b,c\nY,1,1\nn,0,1\n,,1\n', {
      types: { a: 'boolean', b: 'boolean', c: 'boolean' },
    });
    expect(loaded.rows).toEqual([
      [true, true, true],
      [false, false, true],
      [null, null, true],
    ]);
    const refused = await typesOf(column('1', '0', '2'), { types: { v: 'boolean' } });
    expect(refused.answer.body).toMatchObject({ code: 'dataset.badRows', count: 1 });
  });

  test('numbers of JSON', async () => {
    const loaded = await json('[{"a":1,"b":"Y"},{"a":0,"b":"N"}]', { booleans: ['1/0', 'Y/N'] });
    expect(loaded.rows).toEqual([
      [true, true],
      [false, false],
    ]);
  });
});
