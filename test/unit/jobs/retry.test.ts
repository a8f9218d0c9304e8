import { expect, test } from 'bun:test';
import postgres from 'postgres';
import { AppError } from '../../../src/base/errors.ts';
import { statementError } from '../../../src/drivers/mssql/errors.ts';
import { mysqlError } from '../../../src/drivers/mysql/errors.ts';
import { postgresError } from '../../../src/drivers/postgres/errors.ts';
import { isPassing, retryDelayMs } from '../../../src/jobs/retry.ts';

const answered = (sourceStatus: number) => new AppError('source.http', 'x', { params: { sourceStatus } });
const PostgresError = postgres.PostgresError as unknown as new (fields: object) => Error;

test.each<[what: string, error: unknown, passes: boolean]>([
  ['a source that was busy as often as it was asked', answered(503), true],
  ['a source that lost its own source', answered(502), true],
  ['a source that knows no such page', answered(404), false],
  ['a source that refuses', new AppError('source.auth', 'x', { params: { sourceStatus: 401 } }), false],
  ['an answer that was cut off', new AppError('outbound.answer', 'x'), true],
  ['a replica that replays changes', postgresError(new PostgresError({ code: '40001' })), true],
  ['a deadlock of PostgreSQL', postgresError(new PostgresError({ code: '40P01' })), true],
  ['a table of PostgreSQL that is gone', postgresError(new PostgresError({ code: '42P01' })), false],
  ['a deadlock of MySQL', mysqlError({ errno: 1213 }), true],
  ['a lock of MySQL that was waited for too long', mysqlError({ errno: 1205 }), true],
  ['a deadlock of SQL Server', statementError({ number: 1205, class: 13 }), true],
  ['what nobody knows', new Error('x'), false],
])('%s', (_, error, passes) => {
  expect(isPassing(error)).toBe(passes);
});

test.each<[asked: number | undefined, ms: number]>([
  [undefined, 750],
  [30, 30_000],
  [31_536_000, 86_400_000],
])('who asks to come again in %s s is asked after %d ms', (retryAfterS, ms) => {
  const error = new AppError('datasource.busy', 'x', { retryAfterS });
  expect(retryDelayMs(error, 1, { maxAttempts: 5, delayMs: 1000, random: () => 0.5 })).toBe(ms);
});
