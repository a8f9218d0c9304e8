import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  copyWithFooter,
  type Field,
  type List,
  readFooter,
  type Struct,
} from '../../src/lake/parquet-footer.ts';
import { type Lake, shapeOf, startLake } from './datasets-kit.ts';

let lake: Lake;
let number = 0;
beforeAll(async () => {
  lake = await startLake();
});
afterAll(() => lake[Symbol.asyncDispose]());

/** Big-endian two's complement in as few bytes as hold it, or in `size`. */
function bytesOf(value: bigint, size?: number): string {
  let bytes = size ?? 1;
  while (size === undefined && BigInt.asIntN(bytes * 8, value) !== value) bytes++;
  return BigInt.asUintN(bytes * 8, value)
    .toString(16)
    .padStart(bytes * 2, '0');
}

const zigzag = (value: number): Uint8Array => {
  const bytes: number[] = [];
  let rest = value * 2;
  for (; rest > 127; rest >>= 7) bytes.push((rest & 127) | 128);
  return new Uint8Array([...bytes, rest]);
};

/** A Parquet file whose column `d` is declared a decimal; its values are given as unscaled integers. */
async function decimals(
  values: readonly (bigint | null)[],
  precision: number,
  scale: number,
  size?: number,
  columns = (blob: string) => `${blob} AS d, i AS n`,
): Promise<Uint8Array<ArrayBuffer>> {
  const plain = join(lake.folder, `plain-${++number}.parquet`);
  const made = join(lake.folder, `made-${number}.parquet`);
  const rows = values.map(
    (value, i) => `(${value === null ? 'NULL' : `unhex('${bytesOf(value, size)}')`}, ${i})`,
  );
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(
    `COPY (SELECT ${columns('b')} FROM (VALUES ${rows.join(', ')}) t(b, i)) TO '${plain}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
  );
  connection.closeSync();
  const { metadata, start } = await readFooter(plain);
  const schema = metadata.fields.find(({ id }) => id === 2)!.value as List;
  for (const element of schema.items as Struct[]) {
    const name = element.fields.find(({ id }) => id === 4)?.value as Uint8Array;
    if (Buffer.from(name.subarray(1)).toString() !== 'd') continue;
    const kept = element.fields.filter(({ id }) => id < 6);
    const added: Field[] = [
      { id: 6, type: 5, value: zigzag(5) },
      { id: 7, type: 5, value: zigzag(scale) },
      { id: 8, type: 5, value: zigzag(precision) },
    ];
    element.fields = [...kept, ...added];
  }
  await copyWithFooter(plain, made, metadata, start);
  return Bun.file(made).bytes();
}

async function load(bytes: Uint8Array<ArrayBuffer>) {
  const name = `wide${++number}`;
  const answer = await lake.upload({ name }, bytes, 'd.parquet');
  return { answer, shape: shapeOf(answer), rows: answer.status === 201 ? await lake.rowsOf(name) : [] };
}

function written(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${value < 0n ? '-' : ''}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`;
}

const LARGEST = 10n ** 38n - 1n;

describe('decimals of more than 38 digits in Parquet', () => {
  const edges = [
    0n,
    1n,
    -1n,
    127n,
    128n,
    -128n,
    -129n,
    2n ** 63n,
    -(2n ** 63n),
    2n ** 64n - 1n,
    LARGEST,
    -LARGEST,
  ];
  test.each([0, 2, 18, 37, 38])('keep every digit at scale %d', async (scale) => {
    for (const size of [undefined, 17, 32]) {
      const loaded = await load(await decimals([...edges, null], 76, scale, size));
      expect(loaded.shape).toEqual([`d:decimal(${scale})`, 'n:integer']);
      const expected = edges.map((value, i) => [written(value, scale), i]);
      expect(loaded.rows).toEqual([...expected, [null, edges.length]]);
    }
  });

  test('random values come back as they went', async () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const values = Array.from({ length: 900 }, () => {
      const digits = Array.from({ length: 1 + random(38) }, () => random(10)).join('');
      return BigInt(digits) * (random(2) === 0 ? 1n : -1n);
    });
    const loaded = await load(await decimals(values, 60, 9));
    expect(loaded.rows.map(([value]) => value)).toEqual(values.map((value) => written(value, 9)));
  });

  test.each([LARGEST + 1n, -LARGEST - 1n, 2n ** 127n, -(2n ** 127n), -(2n ** 127n) - 1n, 2n ** 200n])(
    '%d is refused by column',
    async (value) => {
      const { answer } = await load(await decimals([1n, value, 2n], 76, 2));
      expect(answer.body.detail).toBe(
        'The column "d" is a decimal of 76 digits, and 1 value has more than 38; decimals are exact to 38 digits. Write the column with fewer digits, or as text',
      );
      expect(answer.body).toMatchObject({ code: 'dataset.badFile', column: 'd', count: 1 });
      expect(answer.status).toBe(422);
    },
  );

  test('a scale past 38 is refused', async () => {
    const { answer } = await load(await decimals([1n], 76, 40));
    expect(answer.body.detail).toContain('"d" has 40 of its 76 digits after the point');
  });

  test('within nested columns they are refused', async () => {
    const nested = (blob: string) => `{'d': ${blob}, 'e': 1} AS outer_column, i AS n`;
    const { answer } = await load(await decimals([1n], 76, 2, undefined, nested));
    expect(answer.body.detail).toContain('"outer_column" holds decimals of 76 digits');
    expect(answer.status).toBe(422);
  });

  test('a field of the same name within another column is left as it is', async () => {
    const both = (blob: string) => `{'x': DATE '2024-01-31'} AS other, ${blob} AS d, DATE '2024-02-01' AS x`;
    const loaded = await load(await decimals([150n], 40, 2, undefined, both));
    expect(loaded.rows).toEqual([['{"x":"2024-01-31"}', '1.50', '2024-02-01']]);
  });

  test('options for texts are refused', async () => {
    const bytes = await decimals([1n], 40, 2);
    for (const [name, value] of Object.entries({
      types: '{"d":"text"}',
      dateFormats: '{"d":"%Y"}',
      numberFormats: '["percent"]',
      booleans: '["1/0"]',
    })) {
      const answer = await lake.upload({ name: 'refused', [name]: value }, bytes, 'd.parquet');
      expect(answer.body).toMatchObject({ code: 'request.invalid', pointer: `/${name}`, status: 400 });
    }
  });
});
