import { expect, test } from 'bun:test';
import { result, TdsServer } from '../../support/tds/server.ts';
import { WIRE } from '../../support/tds/types.ts';
import { all, failureOf, openOn, run } from './mssql-kit.ts';

const MIB = 1 << 20;
const LARGE = [{ name: 'x', type: WIRE.varcharMax }];
const N = [{ name: 'n', type: WIRE.int }];

test.each(['one column', 'many columns'])(
  'a row of %s past the limit ends its statement and its connection',
  async (kind) => {
    await using server = await TdsServer.start();
    const columns =
      kind === 'one column' ? LARGE : Array.from({ length: 10 }, (_, i) => ({ ...LARGE[0]!, name: `x${i}` }));
    const value = 'a'.repeat((20 * MIB) / columns.length);
    server.on('LARGE', result(columns, [columns.map(() => value)])).on('SELECT 1', result(N, [[1]]));
    await using driver = openOn(server);
    const { code, detail } = await failureOf(all(run(driver, 'LARGE', [], { maxRowBytes: 4 * MIB })));
    expect(code).toBe('limit.bytes');
    expect(detail).toContain('QUERY_MAX_BYTES');
    expect(driver.stats()).toMatchObject({ inUse: 0, idle: 0, created: 1 });
    expect((await all(run(driver, 'SELECT 1'))).rows).toEqual([[1]]);
    expect(driver.stats()).toMatchObject({ inUse: 0, idle: 1, created: 2 });
  },
);

test('rows below the limit come whole, however many there are', async () => {
  await using server = await TdsServer.start();
  const value = 'b'.repeat(MIB);
  server.on(
    'LARGE',
    result(
      LARGE,
      Array.from({ length: 12 }, () => [value]),
    ),
  );
  await using driver = openOn(server);
  const { rows } = await all(run(driver, 'LARGE', [], { maxRowBytes: 2 * MIB }));
  expect(rows.map(([text]) => String(text).length)).toEqual(Array.from({ length: 12 }, () => MIB));
});
