import { type Kysely, sql } from 'kysely';

/** What runs need to be claimed by many processes, their log, and what starts them: schedules under a lease, with their fires and calendars. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`alter table runs add column concurrency_key text`,
    sql`alter table runs add column concurrency_limit integer not null default 1`,
    sql`alter table runs add column failures integer not null default 0`,
    sql`alter table runs add column losses integer not null default 0`,
    sql`alter table runs add column revision bigint not null default 0`,
    sql`create index runs_revision on runs (revision)`,
    sql`create index runs_key on runs (concurrency_key, state)`,
    sql`create index runs_subject_state on runs (subject_id, state)`,
    sql`create index runs_ended on runs (ended_at)`,
    sql`create table run_log (
      run_id text not null references runs (id) on delete cascade, line integer not null, at text not null, level text not null,
      text text not null, facts text, primary key (run_id, line))`,
    sql`create table counters (name text primary key, value bigint not null)`,
    sql`insert into counters (name, value) values ('runs', 0)`,
    sql`create table leases (
      name text primary key, holder text, token bigint not null, beat bigint not null, changed_at text not null)`,
    sql`create table schedules (
      id text primary key, name text not null unique, definition text not null, enabled integer not null, version integer not null,
      job_kind text not null, subject_id text, next_at text, next_instant text, last_instant text,
      created_at text not null, created_by text, updated_at text not null)`,
    sql`create index schedules_next on schedules (enabled, next_at)`,
    sql`create table fires (
      id text primary key, schedule_id text not null references schedules (id) on delete cascade, instant text not null,
      outcome text not null, reason text, count integer not null default 1, run_id text, fired_at text not null, token bigint not null,
      unique (schedule_id, instant))`,
    sql`create table calendars (
      id text primary key, name text not null unique, definition text not null, is_default integer not null, version integer not null,
      created_at text not null, created_by text, updated_at text not null)`,
  ];
  for (const statement of statements) await statement.execute(db);
}
