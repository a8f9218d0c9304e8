import type { PostgresServer } from '../support/postgres-server.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { type Engine, ofServer } from './engines.ts';

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** A table is one for the reader; its rows lie on the other servers, by the hash of their first column. */
function spread(statement: string, parts: readonly PostgresServer[]): string[] {
  const [, table, columns] = /^CREATE TABLE (\S+) \((.*)\)$/s.exec(statement) ?? [];
  if (table === undefined) return [statement];
  const [key] = /^\S+/.exec(columns!)!;
  for (const part of parts) part.admin(statement);
  return [
    `CREATE TABLE ${table} (${columns}) PARTITION BY HASH (${key})`,
    ...parts.map(
      (_, i) =>
        `CREATE FOREIGN TABLE ${table}_${i} PARTITION OF ${table} FOR VALUES WITH (MODULUS ${parts.length}, REMAINDER ${i}) SERVER part_${i} OPTIONS (table_name ${quoted(table)})`,
    ),
  ];
}

/** What Debian ships to spread a table over servers: partitions that are tables of two other servers, aggregated there where they can be. */
export async function openPartitionedEngine(): Promise<Engine> {
  const [reader, ...parts] = await Promise.all([startPostgres(), startPostgres(), startPostgres()]);
  reader!.admin(
    [
      'CREATE EXTENSION postgres_fdw',
      ...parts.flatMap(({ host, port, database, user, password }, i) => [
        `CREATE SERVER part_${i} FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host ${quoted(host)}, port ${quoted(String(port))}, dbname ${quoted(database)}, async_capable 'true', use_remote_estimate 'true')`,
        `CREATE USER MAPPING FOR CURRENT_USER SERVER part_${i} OPTIONS (user ${quoted(user)}, password ${quoted(password)})`,
      ]),
      `ALTER DATABASE ${reader!.database} SET enable_partitionwise_aggregate = on`,
      `ALTER DATABASE ${reader!.database} SET enable_partitionwise_join = on`,
    ].join(';\n'),
  );
  const engine = ofServer('postgres', reader!);
  return {
    ...engine,
    load: (statements) => engine.load(statements.flatMap((statement) => spread(statement, parts))),
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await Promise.all(parts.map((part) => part[Symbol.asyncDispose]()));
    },
  };
}
