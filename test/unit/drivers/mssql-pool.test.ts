import { describe, expect, test } from 'bun:test';
import { createServer } from 'node:net';
import { failure, result, TdsServer } from '../../support/tds/server.ts';
import { WIRE } from '../../support/tds/types.ts';
import { all, failureOf, openOn, type PoolEvent, run, until } from './mssql-kit.ts';

const N = [{ name: 'n', type: WIRE.int }];

/** A server whose statement `WAIT` answers once it is told to. */
function withGate(server: TdsServer) {
  const gate = Promise.withResolvers<void>();
  server.on('SELECT 1', result(N, [[1]])).on('WAIT', async (reply) => {
    await reply.wait(gate.promise);
    reply.columns(N).row(1);
  });
  return gate;
}

describe('the pool', () => {
  test('counts what is in use, idle and waiting, and closes what was opened on top', async () => {
    await using server = await TdsServer.start();
    const gate = withGate(server);
    const events: PoolEvent[] = [];
    await using driver = openOn(server, { pool: { size: 2, maxOverflow: 1, timeoutS: 5 } }, events);
    const work = Array.from({ length: 5 }, () => all(run(driver, 'WAIT')));
    await until(
      () => server.statements.length === 3 && driver.stats().waiting === 2,
      'three ran and two waited',
    );
    expect(driver.stats()).toEqual({ inUse: 3, idle: 0, waiting: 2, created: 3, failed: 0 });
    gate.resolve();
    await Promise.all(work);
    await until(() => server.open === 2, 'the third connection was closed');
    expect(driver.stats()).toEqual({ inUse: 0, idle: 2, waiting: 0, created: 3, failed: 0 });
    expect(events).toEqual(['created', 'created', 'created', 'closed']);
  });

  test('refuses as busy what waited too long, and serves afterwards', async () => {
    await using server = await TdsServer.start();
    const gate = withGate(server);
    await using driver = openOn(server, { pool: { size: 1, maxOverflow: 0, timeoutS: 0.1 } });
    const running = all(run(driver, 'WAIT'));
    await until(() => server.statements.length === 1, 'the first ran');
    expect(await failureOf(all(run(driver, 'SELECT 1')))).toEqual({
      code: 'datasource.busy',
      detail: 'No connection to the database came free within 0.1 s',
    });
    gate.resolve();
    await running;
    expect((await all(run(driver, 'SELECT 1'))).rows).toEqual([[1]]);
    expect(driver.stats()).toEqual({ inUse: 0, idle: 1, waiting: 0, created: 1, failed: 0 });
  });

  test('lets a statement that is aborted while it waits leave the queue', async () => {
    await using server = await TdsServer.start();
    const gate = withGate(server);
    await using driver = openOn(server, { pool: { size: 1, maxOverflow: 0 } });
    const running = all(run(driver, 'WAIT'));
    await until(() => server.statements.length === 1, 'the first ran');
    const abort = new AbortController();
    const failed = failureOf(all(run(driver, 'SELECT 1', [], { signal: abort.signal })));
    await until(() => driver.stats().waiting === 1, 'the second waited');
    abort.abort();
    expect((await failed).code).toBe('query.cancelled');
    expect(driver.stats().waiting).toBe(0);
    gate.resolve();
    await running;
    expect(server.statements.map(({ text }) => text)).toEqual(['WAIT']);
  });

  test('closes connections that nobody used for a while', async () => {
    await using server = await TdsServer.start();
    withGate(server);
    await using driver = openOn(server, { options: { idleTimeoutS: 0.05 } });
    await all(run(driver, 'SELECT 1'));
    await until(() => server.open === 0, 'the idle connection was closed');
    expect(driver.stats()).toEqual({ inUse: 0, idle: 0, waiting: 0, created: 1, failed: 0 });
  });

  test('leaves nothing open when the driver is closed', async () => {
    await using server = await TdsServer.start();
    withGate(server);
    const driver = openOn(server);
    await Promise.all([all(run(driver, 'SELECT 1')), all(run(driver, 'SELECT 1'))]);
    expect(server.open).toBe(2);
    await driver[Symbol.asyncDispose]();
    await until(() => server.open === 0, 'both were closed');
  });
});

describe('a server that goes away', () => {
  test('and comes back is connected to again, without an error for the next statement', async () => {
    await using server = await TdsServer.start();
    withGate(server);
    await using driver = openOn(server);
    await Promise.all([all(run(driver, 'SELECT 1')), all(run(driver, 'SELECT 1'))]);
    await server.stop();
    await server.start();
    expect((await all(run(driver, 'SELECT 1'))).rows).toEqual([[1]]);
    expect(driver.stats()).toMatchObject({ inUse: 0, idle: 1, created: 3 });
  });

  test('is unreachable until it is back', async () => {
    await using server = await TdsServer.start();
    withGate(server);
    await using driver = openOn(server);
    await all(run(driver, 'SELECT 1'));
    await server.stop();
    expect((await failureOf(all(run(driver, 'SELECT 1')))).code).toBe('datasource.unreachable');
    await server.start();
    expect((await all(run(driver, 'SELECT 1'))).rows).toEqual([[1]]);
  });

  test('when a pooled connection breaks at its next statement, runs it on another one', async () => {
    await using server = await TdsServer.start();
    let hangUps = 1;
    server.on('SELECT 1', (reply) => {
      if (server.statements.length > 1 && hangUps-- > 0) reply.hangUp();
      else reply.columns(N).row(1);
    });
    await using driver = openOn(server);
    await all(run(driver, 'SELECT 1'));
    expect((await all(run(driver, 'SELECT 1'))).rows).toEqual([[1]]);
    expect(server.statements).toHaveLength(3);
    expect(driver.stats()).toMatchObject({ inUse: 0, idle: 1, created: 2 });
  });

  test('in the middle of a row ends the statement with an error, never with fewer rows', async () => {
    await using server = await TdsServer.start();
    server.on('SELECT n', async (reply) => {
      reply.columns([{ name: 's', type: WIRE.nvarcharMax }]);
      for (let n = 0; n < 50; n++) reply.row('x'.repeat(2000));
      await reply.drain();
      reply.hangUp();
    });
    await using driver = openOn(server);
    expect(await failureOf(all(run(driver, 'SELECT n')))).toEqual({
      code: 'datasource.unreachable',
      detail: 'The server closed the connection',
    });
    expect(driver.stats()).toMatchObject({ inUse: 0, idle: 0 });
  });
});

describe('a hundred failures leave nothing behind', () => {
  test('of statements', async () => {
    await using server = await TdsServer.start();
    withGate(server).resolve();
    server
      .on('BAD', failure({ number: 208, message: "Invalid object name 'x'" }))
      .on('CUT', (reply) => reply.hangUp());
    await using driver = openOn(server, { pool: { size: 2, maxOverflow: 2 } });
    for (let i = 0; i < 25; i++) {
      const abort = new AbortController();
      const cancelled = failureOf(all(run(driver, 'WAIT', [], { signal: abort.signal })));
      abort.abort();
      const codes = await Promise.all([
        failureOf(all(run(driver, 'BAD'))),
        failureOf(all(run(driver, 'CUT'))),
        failureOf(all(run(driver, 'BAD', ['a\u0000b', 1n]))),
        cancelled,
      ]);
      expect(codes.map(({ code }) => code)).toEqual([
        'query.failed',
        'datasource.unreachable',
        'query.failed',
        'query.cancelled',
      ]);
    }
    expect((await all(run(driver, 'SELECT 1'))).rows).toEqual([[1]]);
    expect(driver.stats()).toMatchObject({ inUse: 0, waiting: 0, failed: 0 });
    await until(() => server.open === driver.stats().idle, 'no connection was left open');
    expect(driver.stats().idle).toBeLessThanOrEqual(2);
    expect(server.inTransaction).toBe(0);
  });

  test('of connections', async () => {
    await using server = await TdsServer.start();
    withGate(server);
    const events: PoolEvent[] = [];
    await using driver = openOn(server, { password: 'wrong', pool: { size: 3, maxOverflow: 0 } }, events);
    for (let i = 0; i < 50; i++) {
      const both = await Promise.all([
        failureOf(all(run(driver, 'SELECT 1'))),
        failureOf(all(run(driver, 'SELECT 1'))),
      ]);
      expect(both.map(({ code }) => code)).toEqual(['datasource.login', 'datasource.login']);
    }
    expect(driver.stats()).toEqual({ inUse: 0, idle: 0, waiting: 0, created: 0, failed: 100 });
    expect(events).toEqual(Array(100).fill('failed'));
    await until(() => server.open === 0, 'no connection was left open');
  });
});

describe('a connection that cannot be made says why', () => {
  test('nothing listens', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const { port } = probe.address() as { port: number };
    await new Promise((resolve) => probe.close(resolve));
    await using driver = openOn({ port });
    expect(await failureOf(all(run(driver, 'SELECT 1')))).toEqual({
      code: 'datasource.unreachable',
      detail: 'The host refused the connection: nothing listens at that port',
    });
  });

  test('the name is not known', async () => {
    await using driver = openOn({ port: 1433 }, { host: 'no-such-host.invalid' });
    expect((await failureOf(driver.facts(new AbortController().signal))).code).toBe('datasource.unreachable');
  });

  test('the server says nothing', async () => {
    await using server = await TdsServer.start({ mute: true });
    await using driver = openOn(server, { connectTimeoutS: 0.1 });
    expect(await failureOf(all(run(driver, 'SELECT 1')))).toEqual({
      code: 'datasource.unreachable',
      detail: 'The server did not answer in time',
    });
    await until(() => server.open === 0, 'the connection was closed');
  });

  test.each([
    [{ user: 'nobody' }, 'datasource.login'],
    [{ password: '' }, 'datasource.login'],
    [{ database: 'none' }, 'datasource.database'],
  ])('%p gives %s', async (settings, code) => {
    await using server = await TdsServer.start();
    await using driver = openOn(server, settings);
    const failed = await failureOf(all(run(driver, 'SELECT 1')));
    expect(failed.code).toBe(code);
    expect(failed.detail).not.toContain('nobody');
  });

  test('the server refuses for a reason of its own', async () => {
    await using server = await TdsServer.start();
    server.refuseLogin({ number: 40_613, message: 'Database is not currently available' });
    await using driver = openOn(server);
    expect((await failureOf(all(run(driver, 'SELECT 1')))).code).toBe('datasource.unreachable');
  });
});
