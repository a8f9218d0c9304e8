import { expect, test } from 'bun:test';
import { openMysql } from '../../../src/drivers/mysql/driver.ts';
import { startMariadb } from '../../support/mariadb-server.ts';

test('a statement that is asked again is prepared again: MariaDB refuses some of the second runs of one', async () => {
  await using server = await startMariadb();
  server.admin("CREATE TABLE t (a varchar(20)); INSERT INTO t VALUES ('x'), ('X'), ('y');", server.database);
  const { host, port, user, password, database } = server;
  const pool = { size: 1, maxOverflow: 0 };
  await using driver = openMysql(
    { host, port, user, password, database, pool, tls: { mode: 'off' } },
    { applicationName: 'test', onPoolEvent: () => undefined },
  );
  const text =
    'SELECT COUNT(DISTINCT v) AS n FROM (SELECT CAST(CONVERT(`a` USING utf8mb4) AS BINARY) AS v FROM t) AS r';
  for (let round = 0; round < 3; round++) {
    const found: number[] = [];
    for await (const { columns } of driver.run(
      { text, params: [] },
      { signal: AbortSignal.timeout(10_000), timeoutMs: 10_000 },
    ))
      found.push(columns[0]!.numbers[0]!);
    expect(found).toEqual([3]);
  }
  expect(server.admin("SHOW SESSION STATUS LIKE 'Prepared_stmt_count'")).toContain('0');
});
