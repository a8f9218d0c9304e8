import { afterAll, describe, expect, test } from 'bun:test';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ColumnType } from '../../../src/domain/column.ts';
import { ColumnData } from '../../../src/domain/column-data.ts';
import { storeVector } from '../../../src/drivers/duckdb/read.ts';
import { ByteWriter } from '../../../src/render/byte-writer.ts';
import { jsonValues } from '../../../src/render/values.ts';

const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
afterAll(() => connection.closeSync());

/** The values of a statement's one column as JSON texts. */
async function read(type: ColumnType, values: string): Promise<string[]> {
  const result = await connection.stream(`SELECT * FROM (VALUES ${values}) AS t (v)`);
  const chunk = (await result.fetchChunk())!;
  const column = new ColumnData(type, chunk.rowCount);
  storeVector(chunk.getColumnVector(0), column, undefined, chunk.rowCount);
  return Array.from({ length: chunk.rowCount }, (_, i) => {
    const out = new ByteWriter();
    jsonValues(column, out, 'exact')(i);
    return new TextDecoder().decode(out.take());
  });
}

describe('values from the vectors of DuckDB', () => {
  test.each<[string, ColumnType, string, string[]]>([
    ['INTEGER', 'integer', '(1::INTEGER), (NULL), (-2147483648)', ['1', 'null', '-2147483648']],
    [
      'BIGINT',
      'integer',
      '(0::BIGINT), (9007199254740991), (9007199254740993), (-9007199254740993), (9223372036854775807), (-9223372036854775808), (NULL), (-1)',
      [
        '0',
        '9007199254740991',
        '"9007199254740993"',
        '"-9007199254740993"',
        '"9223372036854775807"',
        '"-9223372036854775808"',
        'null',
        '-1',
      ],
    ],
    [
      'HUGEINT',
      'integer',
      '(1::HUGEINT), (-1), (170141183460469231731687303715884105727), (-170141183460469231731687303715884105727), (18446744073709551616), (-4294967296), (NULL)',
      [
        '1',
        '-1',
        '"170141183460469231731687303715884105727"',
        '"-170141183460469231731687303715884105727"',
        '"18446744073709551616"',
        '-4294967296',
        'null',
      ],
    ],
    ['DECIMAL(4,2)', 'decimal', '(1.25::DECIMAL(4,2)), (-0.05), (NULL)', ['"1.25"', '"-0.05"', 'null']],
    ['DECIMAL(9,3)', 'decimal', '(123456.789::DECIMAL(9,3)), (-0.001)', ['"123456.789"', '"-0.001"']],
    [
      'DECIMAL(18,2)',
      'decimal',
      '(1234567890123456.78::DECIMAL(18,2)), (-9999999999999999.99), (0)',
      ['"1234567890123456.78"', '"-9999999999999999.99"', '"0.00"'],
    ],
    [
      'DECIMAL(38,4)',
      'decimal',
      '(1.5::DECIMAL(38,4)), (-1234567890123456789012345678901234.5678), (NULL)',
      ['"1.5000"', '"-1234567890123456789012345678901234.5678"', 'null'],
    ],
    [
      'DOUBLE',
      'float',
      "(0.1::DOUBLE), (1e300), (-0.0), (NULL), ('NaN'), ('Infinity'), ('-Infinity')",
      ['0.1', '1e+300', '0', 'null', '"NaN"', '"Infinity"', '"-Infinity"'],
    ],
    ['BOOLEAN', 'boolean', '(true), (false), (NULL)', ['true', 'false', 'null']],
    [
      'VARCHAR',
      'text',
      "(''), ('short'), (NULL), ('longer than twelve bytes, with \"quotes\"'), ('مرحبا 😀')",
      ['""', '"short"', 'null', '"longer than twelve bytes, with \\"quotes\\""', '"مرحبا 😀"'],
    ],
  ])('%s', async (_, type, values, expected) => {
    expect(await read(type, values)).toEqual(expected);
  });

  test('rows go to the slots they are told, and those below 0 nowhere', async () => {
    const chunk = (await (await connection.stream('SELECT i::INTEGER FROM range(4) t (i)')).fetchChunk())!;
    const column = new ColumnData('integer', 3);
    storeVector(chunk.getColumnVector(0), column, Int32Array.of(2, -1, 0, -1), 4);
    expect([...column.states]).toEqual([1, 0, 1]);
    expect([...column.numbers]).toEqual([2, 0, 0]);
  });

  test('nulls are told apart past the first word of the validity mask', async () => {
    const chunk = (await (
      await connection.stream('SELECT CASE WHEN i % 3 = 0 THEN NULL ELSE i::DOUBLE END FROM range(200) t (i)')
    ).fetchChunk())!;
    const column = new ColumnData('float', 200);
    storeVector(chunk.getColumnVector(0), column, undefined, 200);
    expect([...column.states]).toEqual(Array.from({ length: 200 }, (_, i) => (i % 3 === 0 ? 0 : 1)));
  });

  test('a vector that no statement of ours yields is refused', async () => {
    const chunk = (await (await connection.stream("SELECT DATE '2024-01-01'")).fetchChunk())!;
    expect(() => storeVector(chunk.getColumnVector(0), new ColumnData('date', 1), undefined, 1)).toThrow(
      'DATE',
    );
  });
});
