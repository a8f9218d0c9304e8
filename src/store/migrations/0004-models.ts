import { type Kysely, sql } from 'kysely';

/** Named sources with joins, dimensions and measures. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table models (
    id text primary key, name text not null unique, description text not null, definition text not null, version integer not null,
    created_at text not null, created_by text, updated_at text not null)`.execute(db);
}
