import { type Kysely, sql } from 'kysely';

/** Work that runs apart from requests. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table runs (
    id text primary key, kind text not null, subject_id text, trigger_kind text not null, fire_id text, input text not null,
    state text not null, attempt integer not null default 0, claim integer not null default 0, claimed_by text, beat bigint not null default 0,
    abort_requested integer not null default 0, available_at text not null, created_at text not null, created_by text,
    started_at text, ended_at text, progress text not null, fault text, result text)`.execute(db);
  await sql`create index runs_state on runs (state, available_at)`.execute(db);
  await sql`create index runs_subject on runs (kind, subject_id, id)`.execute(db);
}
