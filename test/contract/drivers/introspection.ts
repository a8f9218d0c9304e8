import { expect, test } from 'bun:test';
import { type Bench, faultOf, never, rowsOf } from './contract-engine.ts';

/** Made by each engine's `setUp`, with a column `value` that holds 1. */
export const ODD_NAMES = [
  'quo"te',
  'back`tick',
  'do.t',
  'two words',
  'UPPER',
  'select',
  'naïve',
  'bra[cket]',
  "apo'strophe",
];

export function introspection(bench: () => Bench): void {
  test('schemas and tables, with comments, kinds and estimates', async () => {
    const driver = bench().open();
    const { schema } = bench().engine;
    expect(await driver.schemas(never())).toContain(schema);
    const tables = await driver.tables(schema, never());
    expect(tables.find(({ name }) => name === 'items')).toMatchObject({
      schema,
      kind: 'table',
      comment: 'Things for sale',
    });
    expect(tables.find(({ name }) => name === 'item_names')).toMatchObject({ kind: 'view' });
    expect(tables.find(({ name }) => name === 'items')!.estimatedRows).toBeGreaterThan(0);
    expect(await driver.tables('no_such_schema', never())).toEqual([]);
  });

  test('columns, with types, digits, comments, keys and references', async () => {
    const driver = bench().open();
    const columns = await driver.columns({ name: 'items' }, never());
    expect(columns.find(({ name }) => name === 'id')).toMatchObject({
      type: 'integer',
      nullable: false,
      keyPosition: 1,
    });
    expect(columns.find(({ name }) => name === 'price')).toMatchObject({
      type: 'decimal',
      precision: 12,
      scale: 2,
      comment: 'Without tax',
      nullable: true,
    });
    const { schema } = bench().engine;
    const lines = await driver.columns({ schema, name: 'order_lines' }, never());
    expect(lines.map(({ name, keyPosition }) => [name, keyPosition])).toEqual([
      ['item', 2],
      ['number', 1],
    ]);
    expect(lines[0]!.references).toEqual({ schema, table: 'items', column: 'id' });
  });

  test.each(ODD_NAMES)('a table named %p', async (name) => {
    const driver = bench().open();
    const { quote, schema } = bench().engine;
    expect((await driver.tables(schema, never())).some((table) => table.name === name)).toBe(true);
    expect((await driver.columns({ schema, name }, never())).map((column) => column.name)).toEqual([
      name,
      'value',
    ]);
    expect(await rowsOf(driver, `select ${quote('value')} from ${quote(name)}`)).toEqual([[1]]);
  });

  test('a table that is not there, or may not be seen', async () => {
    const missing = await faultOf(bench().open().columns({ name: 'no_such_table' }, never()));
    expect(missing.code).toBe('resource.notFound');
    const hostile = await faultOf(bench().open().columns({ name: `x' or '1'='1` }, never()));
    expect(hostile.code).toBe('resource.notFound');
  });

  test('what a user may not read is left out', async () => {
    const driver = bench().open({ user: 'stranger' });
    const names = (await driver.tables(undefined, never())).map(({ name }) => name);
    expect(names).toEqual(['open_to_all']);
    expect((await faultOf(driver.columns({ name: 'items' }, never()))).code).toBe('resource.notFound');
    expect((await faultOf(rowsOf(driver, 'select * from items'))).code).toBe('datasource.rights');
  });
}
