import { type Kysely, sql } from 'kysely';

/** Tasks that keep datasets fresh. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table sync_tasks (
    id text primary key, name text not null unique, description text not null, definition text not null,
    dataset_name text not null unique, dataset_id text unique, checkpoint text,
    created_at text not null, created_by text, updated_at text not null)`.execute(db);
}
