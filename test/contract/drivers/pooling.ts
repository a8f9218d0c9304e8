import { expect, test } from 'bun:test';
import { type Bench, faultOf, never, options, rowsOf, until } from './contract-engine.ts';

export function pooling(bench: () => Bench): void {
  const one = () => bench().engine.numbers(1);
  const connections = () => bench().count(bench().engine.connectionCount);

  test('the counts are exact, and overflow is closed when it comes back', async () => {
    const events: string[] = [];
    const driver = bench().open(
      { pool: { size: 2, maxOverflow: 2, timeoutS: 0.2 } },
      { onPoolEvent: (event) => events.push(event) },
    );
    const open = Array.from({ length: 4 }, () => {
      const abort = new AbortController();
      const rows = driver.run(
        { text: bench().engine.sleep(30), params: [] },
        options({ signal: abort.signal }),
      );
      return { abort, ended: faultOf(rows.columns()) };
    });
    await until(() => driver.stats().created === 4, 'all are open');
    expect(driver.stats()).toMatchObject({ inUse: 4, idle: 0, waiting: 0 });
    const waiting = faultOf(rowsOf(driver, one()));
    expect(driver.stats().waiting).toBe(1);
    expect(await waiting).toMatchObject({ code: 'datasource.busy', retryAfterS: 1 });
    for (const { abort, ended } of open) {
      abort.abort();
      await ended;
    }
    await until(() => driver.stats().inUse === 0, 'all came back');
    expect(driver.stats()).toEqual({ inUse: 0, idle: 2, waiting: 0, created: 4, failed: 0 });
    expect(events.toSorted()).toEqual(['closed', 'closed', 'created', 'created', 'created', 'created']);
  });

  test('who waits gets the next free connection, in turn; who gives up takes none', async () => {
    const driver = bench().open({ pool: { size: 1, maxOverflow: 0 } });
    const order: number[] = [];
    const abort = new AbortController();
    const first = driver.run({ text: bench().engine.numbers(100_000), params: [] }, options());
    await first.columns();
    const leaver = faultOf(rowsOf(driver, one(), [], { signal: abort.signal }));
    const others = [1, 2, 3].map((i) => rowsOf(driver, one()).then(() => order.push(i)));
    abort.abort();
    expect(await leaver).toMatchObject({ code: 'query.cancelled' });
    for await (const batch of first) if (batch.count < 0) break;
    await Promise.all(others);
    expect(order).toEqual([1, 2, 3]);
    expect(driver.stats()).toEqual({ inUse: 0, idle: 1, waiting: 0, created: 1, failed: 0 });
  });

  test('idle connections are closed', async () => {
    const driver = bench().open({}, { poolTimes: { idleMs: 50 } });
    await rowsOf(driver, one());
    await until(() => driver.stats().idle === 0, 'it was closed');
  });

  test('a connection past its age is not used again', async () => {
    const driver = bench().open({}, { poolTimes: { maxAgeMs: 0 } });
    await rowsOf(driver, one());
    await rowsOf(driver, one());
    expect(driver.stats()).toMatchObject({ idle: 0, created: 2 });
  });

  test('a connection that the server ended is replaced', async () => {
    for (const pingAfterMs of [0, 60_000]) {
      const driver = bench().open({}, { poolTimes: { pingAfterMs } });
      await rowsOf(driver, one());
      bench().engine.killAll(bench().server);
      await until(() => driver.stats().idle === 0, 'the end was noticed');
      expect(await rowsOf(driver, one())).toEqual([[1]]);
      expect(driver.stats()).toMatchObject({ idle: 1, created: 2, failed: 0 });
    }
  });

  test('a connection that ends under a statement', async () => {
    const driver = bench().open();
    const work = faultOf(rowsOf(driver, bench().engine.sleep(30)));
    await until(() => bench().count(bench().engine.runningCount) > 0, 'it runs');
    bench().engine.killAll(bench().server);
    expect(await work).toMatchObject({ code: 'datasource.unreachable' });
    expect(await rowsOf(driver, one())).toEqual([[1]]);
  });

  test('a hundred failures leave no connection behind', async () => {
    const driver = bench().open({ pool: { size: 3, maxOverflow: 3 } });
    const fail = () => faultOf(rowsOf(driver, 'select * from no_such_table'));
    const abort = new AbortController();
    const cancelled = Array.from({ length: 6 }, () =>
      faultOf(rowsOf(driver, bench().engine.sleep(30), [], { signal: abort.signal })),
    );
    await until(() => bench().count(bench().engine.runningCount) > 0, 'they run');
    abort.abort();
    await Promise.all(cancelled);
    for (let i = 0; i < 10; i++) await Promise.all(Array.from({ length: 10 }, fail));
    await until(() => driver.stats().inUse === 0, 'all came back');
    expect(driver.stats().idle).toBeLessThanOrEqual(3);
    await until(() => connections() <= 3, 'the server has three at most');
    await driver[Symbol.asyncDispose]();
    await until(() => connections() === 0, 'the server has none');
    expect(await faultOf(driver.facts(never()))).toMatchObject({ code: 'datasource.unreachable' });
  });

  test('the server restarts', async () => {
    const driver = bench().open();
    await rowsOf(driver, one());
    await bench().server.stop();
    expect(await faultOf(rowsOf(driver, one()))).toMatchObject({ code: 'datasource.unreachable' });
    await bench().server.start();
    expect(await rowsOf(driver, one())).toEqual([[1]]);
  });
}
