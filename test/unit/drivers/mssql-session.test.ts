import { describe, expect, test } from 'bun:test';
import { failure, result, TdsServer } from '../../support/tds/server.ts';
import { WIRE } from '../../support/tds/types.ts';
import { all, commands, failureOf, openOn, run, until } from './mssql-kit.ts';

const N = [{ name: 'n', type: WIRE.int }];
const PADDED = [...N, { name: 's', type: WIRE.nvarchar(200) }];
const PAD = 'x'.repeat(100);
const ROLLBACK = 'IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION';

describe('a session', () => {
  test('is set up once, says who it is, and only reads', async () => {
    await using server = await TdsServer.start();
    server.on('SELECT 1', result(N, [[1]]));
    await using driver = openOn(server);
    await all(run(driver, 'SELECT 1'));
    await all(run(driver, 'SELECT 1'));
    expect(server.logins).toHaveLength(1);
    expect(server.logins[0]).toMatchObject({
      applicationName: 'reports',
      database: 'shop',
      readOnlyIntent: true,
    });
    const [setup] = commands(server);
    for (const line of [
      'set ansi_nulls on',
      'set ansi_warnings on',
      'set arithabort on',
      'set datefirst 7',
      'set implicit_transactions on',
      'set language us_english',
      'set textsize 2147483647',
      'set transaction isolation level read committed',
      'set xact_abort on',
    ])
      expect(setup!.split('\n')).toContain(line);
  });

  test('ends its transaction after each statement', async () => {
    await using server = await TdsServer.start();
    server
      .on('SELECT 1', result(N, [[1]]))
      .on('SELECT 1/0', failure({ number: 8134, message: 'Divide by zero' }));
    await using driver = openOn(server);
    await all(run(driver, 'SELECT 1'));
    expect((await failureOf(all(run(driver, 'SELECT 1/0')))).code).toBe('query.failed');
    expect(server.received.slice(1).map(({ text }) => text)).toEqual([
      'SET LOCK_TIMEOUT 10000',
      'SELECT 1',
      ROLLBACK,
      'SELECT 1/0',
      ROLLBACK,
    ]);
    expect(server.inTransaction).toBe(0);
    expect(driver.stats()).toMatchObject({ inUse: 0, idle: 1, created: 1, failed: 0 });
  });

  test('sets the lock timeout only when a statement needs another step', async () => {
    await using server = await TdsServer.start();
    server.on('SELECT 1', result(N, [[1]]));
    await using driver = openOn(server);
    for (const timeoutMs of [4000, 5000, 4900, 45_000, 7_200_000])
      await all(run(driver, 'SELECT 1', [], { timeoutMs }));
    expect(commands(server).filter((text) => text.startsWith('SET LOCK'))).toEqual([
      'SET LOCK_TIMEOUT 5000',
      'SET LOCK_TIMEOUT 60000',
      'SET LOCK_TIMEOUT 7200000',
    ]);
  });

  test('takes isolation and intent from the options', async () => {
    await using server = await TdsServer.start();
    server.on('SELECT 1', result(N, [[1]]));
    await using driver = openOn(server, {
      options: { isolation: 'snapshot', applicationIntent: 'ReadWrite' },
    });
    await all(run(driver, 'SELECT 1'));
    expect(commands(server)[0]).toContain('set transaction isolation level snapshot');
    expect(server.logins[0]!.readOnlyIntent).toBe(false);
  });
});

describe('rows', () => {
  const COUNT = 10_000;
  const MANY = Array.from({ length: COUNT }, (_, n) => [n, PAD]);

  test('come in batches over many packets, columns first', async () => {
    await using server = await TdsServer.start();
    server.on('SELECT n', result(PADDED, MANY));
    await using driver = openOn(server);
    const { columns, rows, batches } = await all(run(driver, 'SELECT n', [], { batchRows: 1024 }));
    expect(columns).toEqual([
      { name: 'n', type: 'integer' },
      { name: 's', type: 'text' },
    ]);
    expect(batches).toEqual([...Array(9).fill(1024), COUNT - 9 * 1024]);
    expect(rows).toEqual(MANY);
  });

  test('that are large make smaller batches', async () => {
    await using server = await TdsServer.start();
    const large = Array.from({ length: 12 }, (_, n) => [`${n}${'x'.repeat(1_000_000)}`]);
    server.on('SELECT s', result([{ name: 's', type: WIRE.nvarcharMax }], large));
    await using driver = openOn(server);
    const { rows, batches } = await all(run(driver, 'SELECT s'));
    expect(rows).toEqual(large);
    expect(batches.length).toBeGreaterThan(2);
    expect(Math.max(...batches)).toBeLessThan(6);
  });

  test('of a result that fills its last batch give no empty one', async () => {
    await using server = await TdsServer.start();
    server.on('SELECT n', result(PADDED, MANY.slice(0, 2048)));
    await using driver = openOn(server);
    expect((await all(run(driver, 'SELECT n', [], { batchRows: 1024 }))).batches).toEqual([1024, 1024]);
  });

  test('of an empty result are none, with columns', async () => {
    await using server = await TdsServer.start();
    server.on('SELECT n', result(N, []));
    await using driver = openOn(server);
    expect(await all(run(driver, 'SELECT n'))).toEqual({
      columns: [{ name: 'n', type: 'integer' }],
      rows: [],
      batches: [],
    });
  });

  test('wait on the server while nobody takes them', async () => {
    await using server = await TdsServer.start();
    let sent = 0;
    let stalled = false;
    server.on('SELECT n', async (reply) => {
      reply.columns(PADDED);
      for (sent = 0; sent < 100_000; sent += 100) {
        for (let i = 0; i < 100; i++) reply.row(sent + i, PAD);
        if (reply.isFull) stalled = true;
        await reply.drain();
      }
    });
    await using driver = openOn(server);
    let taken = 0;
    for await (const { count } of run(driver, 'SELECT n', [], { batchRows: 1000 })) {
      taken += count;
      if (taken === 1000) await until(() => stalled, 'the server had to wait');
      if (taken === 1000) expect(sent).toBeLessThan(80_000);
    }
    expect(taken).toBe(100_000);
  });

  test('before an error are not taken for the whole', async () => {
    await using server = await TdsServer.start();
    server.on('SELECT n', (reply) => {
      reply.columns(N);
      for (let n = 0; n < 10; n++) reply.row(n);
      reply.error({ number: 8134, message: 'Divide by zero error encountered: SECRET' });
    });
    await using driver = openOn(server);
    const failed = await failureOf(all(run(driver, 'SELECT n')));
    expect(failed).toEqual({ code: 'query.failed', detail: 'A division by zero occurred' });
    expect(driver.stats()).toMatchObject({ inUse: 0, idle: 1 });
  });

  test('of a second result are refused', async () => {
    await using server = await TdsServer.start();
    const other = [{ name: 's', type: WIRE.nvarcharMax }];
    server
      .on('SELECT n', (reply) => {
        reply.columns(N).row(1).columns(other);
        for (let n = 0; n < 1000; n++) reply.row(PAD);
      })
      .on('SELECT 2', result(N, [[2]]));
    await using driver = openOn(server);
    expect((await failureOf(all(run(driver, 'SELECT n')))).code).toBe('query.failed');
    expect((await all(run(driver, 'SELECT 2'))).rows).toEqual([[2]]);
  });

  test('that are none at all are an error, as is another number of columns than was known', async () => {
    await using server = await TdsServer.start();
    server
      .on('PRINT 1', (reply) => void reply.info({ number: 0, message: '1' }))
      .on('SELECT n', result(N, [[1]]));
    await using driver = openOn(server);
    expect((await failureOf(all(run(driver, 'PRINT 1')))).code).toBe('query.failed');
    const types = [
      { name: 'a', type: 'integer' as const },
      { name: 'b', type: 'text' as const },
    ];
    expect((await failureOf(all(run(driver, 'SELECT n', [], { types })))).code).toBe('query.failed');
    expect(driver.stats().inUse).toBe(0);
  });
});

/** Rows without end. */
const endless = async (reply: import('../../support/tds/reply.ts').Reply) => {
  reply.columns(PADDED);
  for (let n = 0; ; n++) {
    reply.row(n, PAD);
    if (n % 100 === 0) await reply.drain();
  }
};

describe('a statement is ended on the server', () => {
  test('when its signal aborts before it answers', async () => {
    await using server = await TdsServer.start();
    server.on('WAIT', (reply) => reply.hang()).on('SELECT 1', result(N, [[1]]));
    await using driver = openOn(server);
    const abort = new AbortController();
    const failed = failureOf(all(run(driver, 'WAIT', [], { signal: abort.signal })));
    await until(() => server.statements.length === 1, 'the statement ran');
    abort.abort();
    expect((await failed).code).toBe('query.cancelled');
    expect(server.attentions).toBe(1);
    expect((await all(run(driver, 'SELECT 1'))).rows).toEqual([[1]]);
    expect(server.connections).toBe(1);
    expect(server.inTransaction).toBe(0);
  });

  test('when its signal aborts between rows', async () => {
    await using server = await TdsServer.start();
    server.on('SELECT n', endless).on('SELECT 1', result(N, [[1]]));
    await using driver = openOn(server);
    const abort = new AbortController();
    const take = async () => {
      for await (const { count } of run(driver, 'SELECT n', [], { signal: abort.signal }))
        if (count > 0) abort.abort();
    };
    expect((await failureOf(take())).code).toBe('query.cancelled');
    expect(server.attentions).toBe(1);
    expect((await all(run(driver, 'SELECT 1'))).rows).toEqual([[1]]);
    expect(server.connections).toBe(1);
  });

  test('leaves the batch that is being looked at as it was', async () => {
    await using server = await TdsServer.start();
    server.on('SELECT n', endless);
    await using driver = openOn(server);
    const abort = new AbortController();
    const take = async () => {
      for await (const { columns, count } of run(driver, 'SELECT n', [], {
        signal: abort.signal,
        batchRows: 100,
      })) {
        abort.abort();
        await until(() => driver.stats().inUse === 0, 'the statement was ended');
        expect(Array.from({ length: count }, (_, at) => columns[0]!.numbers[at])).toEqual([
          ...Array(100).keys(),
        ]);
      }
    };
    expect((await failureOf(take())).code).toBe('query.cancelled');
  });

  test('when the loop is left early, after which the connection serves again', async () => {
    await using server = await TdsServer.start();
    server.on('SELECT n', endless).on('SELECT 1', result(N, [[1]]));
    await using driver = openOn(server);
    for await (const _ of run(driver, 'SELECT n')) break;
    expect(server.attentions).toBe(1);
    expect(driver.stats()).toMatchObject({ inUse: 0, idle: 1 });
    expect((await all(run(driver, 'SELECT 1'))).rows).toEqual([[1]]);
    expect(server.connections).toBe(1);
  });

  test('when its time is over, also in the middle of rows', async () => {
    await using server = await TdsServer.start();
    server
      .on('WAIT', (reply) => reply.hang())
      .on('SELECT n', async (reply) => {
        reply.columns(N).row(1);
        await reply.drain();
        await reply.hang();
      });
    await using driver = openOn(server);
    for (const text of ['WAIT', 'SELECT n'])
      expect(await failureOf(all(run(driver, text, [], { timeoutMs: 100 })))).toEqual({
        code: 'query.timeout',
        detail: 'The query took longer than 0.1 s',
      });
    expect(server.attentions).toBe(2);
    expect(server.connections).toBe(1);
  });

  test('when only its columns were wanted and it is then aborted', async () => {
    await using server = await TdsServer.start();
    server.on('SELECT n', endless);
    await using driver = openOn(server);
    const abort = new AbortController();
    await run(driver, 'SELECT n', [], { signal: abort.signal }).columns();
    expect(driver.stats().inUse).toBe(1);
    abort.abort();
    await until(() => driver.stats().inUse === 0, 'the session came back');
    expect(server.attentions).toBe(1);
  });

  test('when the driver is closed', async () => {
    await using server = await TdsServer.start();
    server.on('WAIT', (reply) => reply.hang());
    const driver = openOn(server);
    const failed = failureOf(all(run(driver, 'WAIT')));
    await until(() => server.statements.length === 1, 'the statement ran');
    await driver[Symbol.asyncDispose]();
    expect((await failed).code).toBe('query.cancelled');
    await until(() => server.open === 0, 'every connection was closed');
  });

  test('and never runs when it was aborted before', async () => {
    await using server = await TdsServer.start();
    await using driver = openOn(server);
    expect((await failureOf(all(run(driver, 'SELECT 1', [], { signal: AbortSignal.abort() })))).code).toBe(
      'query.cancelled',
    );
    expect(server.connections).toBe(0);
  });
});
