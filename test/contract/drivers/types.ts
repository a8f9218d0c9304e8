import { expect, test } from 'bun:test';
import { type Bench, cells, options, rowsOf } from './contract-engine.ts';

export function types(bench: () => Bench): void {
  test('every type arrives as it is', async () => {
    const wrong: unknown[] = [];
    const driver = bench().open();
    for (const [expression, type, shown] of bench().engine.types) {
      const rows = driver.run(
        { text: `select ${expression} as v ${bench().engine.typesFrom}`, params: [] },
        options(),
      );
      const [column] = await rows.columns();
      for await (const batch of rows) {
        const [[value]] = cells(batch) as [[unknown]];
        if (column!.type !== type || !Object.is(value, shown)) wrong.push([expression, column!.type, value]);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('nulls of every type', async () => {
    const driver = bench().open();
    const nulls = bench().engine.types.map(
      ([expression], i) => `case when 1 = 0 then ${expression} end as n${i}`,
    );
    const [row] = await rowsOf(driver, `select ${nulls.join(', ')} ${bench().engine.typesFrom}`);
    expect(row!.every((value) => value === null)).toBe(true);
  });

  test('text in every script goes there and back', async () => {
    const { placeholder, quote, text: literal } = bench().engine;
    const driver = bench().open();
    for (const text of [
      'naïve',
      'مرحبا بالعالم',
      '日本語',
      '👩‍👩‍👧‍👦 emoji',
      'it\'s \\ "quoted"',
      ' spaces ',
      '',
      'a\nb\tc',
    ]) {
      const found = await rowsOf(driver, `select name from items where name = ${placeholder(1)}`, [text]);
      expect(found.length).toBe(0);
      bench().server.admin(`insert into ${quote('texts')} values (${literal(text)})`);
      expect(await rowsOf(driver, `select t from texts where t = ${placeholder(1)}`, [text])).toEqual([
        [text],
      ]);
      bench().server.admin(`delete from ${quote('texts')}`);
    }
  });

  test('the caller may say the types of the answer', async () => {
    const columns = [{ name: 'total', type: 'decimal', scale: 4 }] as const;
    expect(await rowsOf(bench().open(), 'select sum(price) as s from items', [], { types: columns })).toEqual(
      [['3.5000']],
    );
    const flags = [{ name: 'flag', type: 'boolean' }] as const;
    expect(await rowsOf(bench().open(), 'select max(id) as m from items', [], { types: flags })).toEqual([
      [true],
    ]);
  });
}
