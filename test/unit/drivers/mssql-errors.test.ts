import { describe, expect, test } from 'bun:test';
import type { Code } from '../../../src/base/errors.ts';
import { isLoss, statementError } from '../../../src/drivers/mssql/errors.ts';
import { failure, result, TdsServer } from '../../support/tds/server.ts';
import { WIRE } from '../../support/tds/types.ts';
import { all, failureOf, openOn, run } from './mssql-kit.ts';

const SECRET = 'Invalid thing secret_name near 4711';

describe('errors of the server by number, or by class where the number is unknown', () => {
  test.each<[number, number, Code]>([
    [208, 16, 'query.failed'],
    [207, 16, 'query.failed'],
    [209, 16, 'query.failed'],
    [102, 15, 'query.syntax'],
    [156, 15, 'query.syntax'],
    [229, 14, 'datasource.rights'],
    [230, 14, 'datasource.rights'],
    [297, 16, 'datasource.rights'],
    [300, 14, 'datasource.rights'],
    [916, 14, 'datasource.database'],
    [1205, 13, 'query.failed'],
    [1222, 16, 'query.timeout'],
    [8134, 16, 'query.failed'],
    [8115, 16, 'query.failed'],
    [220, 16, 'query.failed'],
    [245, 16, 'query.failed'],
    [8114, 16, 'query.failed'],
    [3906, 16, 'query.refused'],
    [701, 17, 'query.failed'],
    [1_234_567, 14, 'datasource.rights'],
    [1_234_567, 16, 'query.failed'],
    [1_234_567, 17, 'query.failed'],
    [1_234_567, 20, 'datasource.unreachable'],
  ])('%i of class %i is %s', async (number, severity, code) => {
    await using server = await TdsServer.start();
    server.on('SELECT x', failure({ number, class: severity, message: SECRET }));
    await using driver = openOn(server);
    const error = statementError(await all(run(driver, 'SELECT x')).catch((thrown: unknown) => thrown));
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('secret_name');
    expect(error.params).toEqual({ vendorCode: number });
    expect(String(error.cause)).toContain('secret_name');
  });

  test('of several the one that says why counts', async () => {
    await using server = await TdsServer.start();
    server.on('SELECT x', (reply) => {
      reply.error({ number: 3621, class: 0, message: 'The statement has been terminated.' });
      reply.error({ number: 8134, message: 'Divide by zero' });
    });
    await using driver = openOn(server);
    expect((await failureOf(all(run(driver, 'SELECT x')))).detail).toBe('A division by zero occurred');
  });

  test('messages without an error change nothing', async () => {
    await using server = await TdsServer.start();
    server.on('SELECT x', (reply) => {
      reply.info({ number: 5701, message: 'Changed database context' });
      reply.columns([{ name: 'n', type: WIRE.int }]).row(1);
      reply.info({ number: 8153, message: 'Null value is eliminated by an aggregate' });
    });
    await using driver = openOn(server);
    expect((await all(run(driver, 'SELECT x'))).rows).toEqual([[1]]);
  });
});

test('a server that answers what cannot be understood ends the connection, not the process', async () => {
  await using server = await TdsServer.start();
  server
    .on(
      'BROKEN',
      (reply) => void reply.columns([{ name: 'n', type: WIRE.int }]).token(Buffer.from([0x01, 0x02])),
    )
    .on('SELECT 1', result([{ name: 'n', type: WIRE.int }], [[1]]));
  await using driver = openOn(server);
  expect((await failureOf(all(run(driver, 'BROKEN')))).code).toBe('query.failed');
  expect(driver.stats()).toMatchObject({ inUse: 0, idle: 0 });
  expect((await all(run(driver, 'SELECT 1'))).rows).toEqual([[1]]);
  expect(driver.stats().inUse).toBe(0);
});

test('an error of a statement is no loss of the connection', () => {
  expect(isLoss(Object.assign(new Error('x'), { number: 208, class: 16, code: 'EREQUEST' }))).toBe(false);
  expect(isLoss(Object.assign(new Error('x'), { code: 'ESOCKET' }))).toBe(true);
});
