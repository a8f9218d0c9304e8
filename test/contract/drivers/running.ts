import { expect, test } from 'bun:test';
import { AppError } from '../../../src/base/errors.ts';
import { type Bench, cells, faultOf, never, options, rowsOf, until } from './contract-engine.ts';

export function running(bench: () => Bench): void {
  const driver = () => bench().open();
  const nothingRuns = () => until(() => bench().count(bench().engine.runningCount) === 0, 'nothing runs');
  const somethingRuns = () => until(() => bench().count(bench().engine.runningCount) > 0, 'it runs');

  test('rows come in batches, in order, with their columns', async () => {
    const rows = driver().run(
      { text: bench().engine.numbers(10_000), params: [] },
      options({ batchRows: 1000 }),
    );
    expect(await rows.columns()).toMatchObject([{ name: 'n', type: 'integer' }]);
    const seen: number[] = [];
    let batches = 0;
    for await (const batch of rows) {
      batches++;
      for (const [n] of cells(batch)) seen.push(n as number);
    }
    expect(batches).toBe(10);
    expect(seen).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1));
  });

  test('no rows have columns', async () => {
    const rows = driver().run(
      { text: `select * from (${bench().engine.numbers(3)}) t where n < 0`, params: [] },
      options(),
    );
    expect(await rows.columns()).toMatchObject([{ name: 'n' }]);
    for await (const batch of rows) expect(batch.count).toBe(0);
  });

  test('a slow reader holds the server back', async () => {
    let rows = 0;
    const before = process.memoryUsage().rss;
    for await (const batch of driver().run(
      { text: bench().engine.numbers(1_000_000), params: [] },
      options(),
    )) {
      rows += batch.count;
      if (rows < 100_000) await Bun.sleep(5);
    }
    expect(rows).toBe(1_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 2 ** 20);
  });

  test('parameters are bound, whatever they hold', async () => {
    const { placeholder, numbers } = bench().engine;
    const hostile = `'; drop table items; -- \\ " \` $1 ? é 😀 مرحبا`;
    const text = `select count(*) as c from (${numbers(5)}) t where n > ${placeholder(1)} and ${placeholder(2)} = ${placeholder(3)}`;
    expect(await rowsOf(driver(), text, [2, hostile, hostile])).toEqual([[3]]);
    expect(await rowsOf(driver(), text, [2n, hostile, 'other'])).toEqual([[0]]);
    expect(await rowsOf(driver(), text, [2.5, 'a', 'a'])).toEqual([[3]]);
    expect(await rowsOf(driver(), text, [null, 'a', 'a'])).toEqual([[0]]);
  });

  test('whole numbers past 2^53 and booleans are bound exactly', async () => {
    const { placeholder } = bench().engine;
    const text = `select count(*) as c from items where big = ${placeholder(1)} and flag = ${placeholder(2)}`;
    expect(await rowsOf(driver(), text, [9007199254740993n, true])).toEqual([[1]]);
    expect(await rowsOf(driver(), text, [9007199254740992n, true])).toEqual([[0]]);
    expect(await rowsOf(driver(), text, [9007199254740993n, false])).toEqual([[0]]);
  });

  test('nothing is written', async () => {
    const one = bench().open({ user: bench().server.user, pool: { size: 1, maxOverflow: 0 } });
    const before = bench().server.admin('select count(*) from items');
    for (const write of bench().engine.writes)
      await rowsOf(one, write).catch((error) => expect(error).toBeInstanceOf(AppError));
    await faultOf(rowsOf(one, 'delete from items'));
    expect(bench().server.admin('select count(*) from items')).toBe(before);
  });

  test('nothing of one caller is left to the next', async () => {
    const one = bench().open({ pool: { size: 1, maxOverflow: 0 } });
    for (const [leaves, finds, found] of bench().engine.leftovers) {
      await rowsOf(one, leaves);
      expect({ finds, rows: await rowsOf(one, finds) }).toEqual({ finds, rows: [[found]] });
    }
  });

  test('faults have a code and our own words', async () => {
    const one = driver();
    for (const [sql, code, detail] of bench().engine.faults) {
      const fault = await faultOf(rowsOf(one, sql));
      expect({ sql, code: fault.code }).toEqual({ sql, code });
      expect(fault.message).toMatch(detail);
      expect(fault.message).not.toContain('secret');
    }
    expect(await rowsOf(one, bench().engine.numbers(1))).toEqual([[1]]);
    expect(one.stats()).toMatchObject({ inUse: 0, idle: 1, created: 1 });
  });

  test('the server itself ends a statement at its time limit', async () => {
    const one = driver();
    const started = performance.now();
    const fault = await faultOf(rowsOf(one, bench().engine.sleep(20), [], { timeoutMs: 300 }));
    expect(fault.code).toBe('query.timeout');
    expect(performance.now() - started).toBeLessThan(1_250);
    expect(await rowsOf(one, bench().engine.numbers(1))).toEqual([[1]]);
    expect(one.stats().created).toBe(1);
  });

  test('an abort ends the statement on the server', async () => {
    const one = driver();
    const abort = new AbortController();
    const work = faultOf(rowsOf(one, bench().engine.sleep(30), [], { signal: abort.signal }));
    await somethingRuns();
    const started = performance.now();
    abort.abort(new AppError('query.cancelled', 'by test'));
    expect(await work).toMatchObject({ code: 'query.cancelled', message: 'by test' });
    expect(performance.now() - started).toBeLessThan(1_000);
    await nothingRuns();
    await until(() => one.stats().inUse === 0, 'the connection came back');
    expect(await rowsOf(one, bench().engine.numbers(2))).toEqual([[1], [2]]);
  });

  test('an abort while rows stream, and before the start', async () => {
    const one = driver();
    const abort = new AbortController();
    const read = async () => {
      const rows = one.run(
        { text: bench().engine.numbers(50_000_000), params: [] },
        options({ signal: abort.signal }),
      );
      for await (const batch of rows) if (batch.count > 0) abort.abort();
    };
    expect(await faultOf(read())).toMatchObject({ code: 'query.cancelled' });
    await nothingRuns();
    expect(await faultOf(rowsOf(one, bench().engine.numbers(1), [], { signal: abort.signal }))).toMatchObject(
      {
        code: 'query.cancelled',
      },
    );
    await until(() => one.stats().inUse === 0, 'the connection came back');
  });

  test('leaving the loop ends the statement and gives the connection back', async () => {
    const one = driver();
    for (let i = 0; i < 3; i++) {
      for await (const batch of one.run(
        { text: bench().engine.numbers(50_000_000), params: [] },
        options(),
      )) {
        expect(batch.count).toBeGreaterThan(0);
        break;
      }
      expect(one.stats()).toMatchObject({ inUse: 0, idle: 1, created: 1 });
    }
    await nothingRuns();
  });

  test('describing runs nothing', async () => {
    const { placeholder } = bench().engine;
    const text = `select id, price, name from items where id = ${placeholder(1)}`;
    const described = await driver().describe({ text, params: [1] }, never());
    expect(described).toMatchObject([
      { name: 'id', type: 'integer' },
      { name: 'price', type: 'decimal', precision: 12, scale: 2 },
      { name: 'name', type: 'text' },
    ]);
    const started = performance.now();
    await driver().describe({ text: bench().engine.sleep(20), params: [] }, never());
    expect(performance.now() - started).toBeLessThan(5_000);
  });
}
