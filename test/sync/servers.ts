import { startMariadb } from '../support/mariadb-server.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';

/** An engine under test: its server, and how it spells what the tests create. */
export interface SyncEngine {
  name: 'postgres' | 'mysql';
  start(): Promise<TestServer>;
  /** The table as a task names it. */
  table(name: string): string;
  quote(name: string): string;
  types: Readonly<Record<'text' | 'instant' | 'wallClock' | 'decimal' | 'uuid' | 'flag', string>>;
}

export const ENGINES: SyncEngine[] = [
  {
    name: 'postgres',
    start: startPostgres,
    table: (name) => name,
    quote: (name) => `"${name.replaceAll('"', '""')}"`,
    types: {
      text: 'text',
      instant: 'timestamptz',
      wallClock: 'timestamp',
      decimal: 'numeric(12,3)',
      uuid: 'uuid',
      flag: 'boolean',
    },
  },
  {
    name: 'mysql',
    start: startMariadb,
    table: (name) => name,
    quote: (name) => `\`${name.replaceAll('`', '``')}\``,
    types: {
      text: 'varchar(100)',
      instant: 'timestamp(6)',
      wallClock: 'datetime(6)',
      decimal: 'decimal(12,3)',
      uuid: 'uuid',
      flag: 'boolean',
    },
  },
];

/** Rows that a test knows by heart, as SQL values. */
export function insertion(table: string, rows: readonly (readonly (string | null)[])[]): string {
  if (rows.length === 0) return 'select 1';
  const value = (text: string | null) => (text === null ? 'null' : `'${text.replaceAll("'", "''")}'`);
  return `insert into ${table} values ${rows.map((row) => `(${row.map(value).join(', ')})`).join(', ')}`;
}
