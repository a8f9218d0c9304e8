import { type Kysely, sql } from 'kysely';

/** Secrets that sources of data refer to by name. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table secrets (
    id text primary key, name text not null unique, description text not null, sealed text not null, hosts text not null,
    version integer not null, created_at text not null, created_by text, updated_at text not null)`.execute(
    db,
  );
}
