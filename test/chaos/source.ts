import postgres from 'postgres';
import type { SyncTaskInput } from '../../src/domain/sync-task.ts';
import type { TestServer } from '../support/postgres-server.ts';
import type { Random } from './random.ts';

/** Rows of `ledger` come in groups of so many with one `at`. */
export const GROUP = 7;
/** How far rows of `events` come behind the newest. */
const LATE = 30;

export const TABLES = ['ledger', 'events', 'stock', 'parts'] as const;
export type Table = (typeof TABLES)[number];

const COLUMNS: Record<Table, string> = {
  ledger: 'at integer not null, n integer not null, v integer not null',
  events: 'at integer not null, n integer not null, v integer not null',
  stock: 'n integer primary key, at integer not null, v integer not null',
  parts:
    'n integer primary key, at integer not null, v integer not null, gone boolean not null default false',
};

/** What of a table its dataset should have, as text. */
const WANTED: Record<Table, string> = { ledger: '', events: '', stock: '', parts: 'where not gone' };

/** Tables that grow and change: ties, rows that come late, changed and removed ones. */
export class Source implements AsyncDisposable {
  sql: postgres.Sql;
  #at = 0;
  #id = 0;

  private constructor(
    readonly server: TestServer,
    readonly schema: string,
    readonly random: Random,
  ) {
    this.sql = this.#connect();
  }

  #connect(): postgres.Sql {
    const { host, port, user, password, database } = this.server;
    return postgres({
      ...{ host, port, user, password, database },
      max: 1,
      ssl: false,
      onnotice: () => undefined,
    });
  }

  /** After the server ended its sessions: postgres 3.4.9 now and then never sends the first statement after such an end. */
  async reconnect(): Promise<void> {
    await this.sql.end({ timeout: 0 });
    this.sql = this.#connect();
  }

  static async open(server: TestServer, schema: string, random: Random): Promise<Source> {
    const source = new Source(server, schema, random);
    await source.sql.unsafe(`create schema ${schema}`);
    for (const table of TABLES)
      await source.sql.unsafe(`create table ${schema}.${table} (${COLUMNS[table]})`);
    return source;
  }

  get settings() {
    const { host, port, user, password, database } = this.server;
    return { host, port, user, password, database, tls: { mode: 'off' as const } };
  }

  /** The tasks, one a table; `stock` keeps all its generations, to be compared with what was answered from them. */
  tasks(datasource: string): SyncTaskInput[] {
    const task = (name: Table) => ({
      ...{ name, dataset: name, mode: 'incremental' as const, batchRows: 40, keep: 1 },
      source: { kind: 'table' as const, datasource, table: `${this.schema}.${name}` },
    });
    const cursor = { column: 'at' };
    const primaryKey = ['n'];
    return [
      { ...task('ledger'), cursor },
      { ...task('events'), cursor: { ...cursor, lateBy: LATE } },
      { ...task('stock'), cursor, primaryKey, keep: 1000, deletes: { compareKeys: true } },
      { ...task('parts'), cursor, primaryKey, deletes: { column: 'gone' } },
    ];
  }

  /** Rows that are new, late, alike, changed and removed; each table in a transaction of its own. */
  async change(): Promise<void> {
    const { sql, schema, random } = this;
    const groups = random.int(3, 12);
    const from = this.#at;
    this.#at += groups;
    const to = this.#at - 1;
    await sql.unsafe(
      `insert into ${schema}.ledger select g, i, g + i from generate_series(${from}, ${to}) g, generate_series(0, ${GROUP - 1}) i`,
    );
    const late = Math.max(0, from - random.int(1, LATE - 2));
    await sql.unsafe(
      `insert into ${schema}.events select at, 0, at % 3 from generate_series(${late}, ${to}) at, generate_series(1, ${random.int(1, 3)})`,
    );
    const many = random.int(5, 60);
    const first = this.#id;
    this.#id += many;
    const some = `n % 11 = ${random.int(0, 10)}`;
    for (const table of ['stock', 'parts'])
      await sql.begin((tx) => [
        tx.unsafe(
          `insert into ${schema}.${table} select n, ${to}, 0 from generate_series(${first}, ${this.#id - 1}) n`,
        ),
        tx.unsafe(`update ${schema}.${table} set v = v + 1, at = ${to} where ${some}`),
      ]);
    const others = `n % 13 = ${random.int(0, 12)} and n < ${first}`;
    await sql.unsafe(`delete from ${schema}.stock where ${others}`);
    await sql.unsafe(`update ${schema}.parts set gone = true, at = ${to} where ${others}`);
  }

  /** Every row that a dataset should have now. */
  async rows(table: Table): Promise<string[]> {
    const found = await this.sql.unsafe<{ row: string }[]>(
      `select concat_ws('|', at, n, v) as row from ${this.schema}.${table} ${WANTED[table]}`,
    );
    return found.map(({ row }) => row);
  }

  async [Symbol.asyncDispose]() {
    await this.sql.end();
  }
}
