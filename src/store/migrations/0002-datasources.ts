import { type Kysely, sql } from 'kysely';

/** Databases that reports are made from. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table datasources (
    id text primary key, name text not null unique, type text not null, description text not null,
    settings text not null, secrets text not null, version integer not null,
    facts text, facts_version integer not null default 0,
    created_at text not null, created_by text, updated_at text not null)`.execute(db);
}
