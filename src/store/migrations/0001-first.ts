import type { Kysely } from 'kysely';
import { sql } from 'kysely';

/** Users and what they sign in with, the audit log, datasets and their generations. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table users (
      id text primary key, email text not null unique, name text not null, role text not null,
      password_hash text not null, disabled integer not null default 0, created_at text not null, updated_at text not null)`,
    sql`create table sessions (
      id text primary key, user_id text not null references users (id) on delete cascade, refresh_hash text not null, csrf text not null,
      created_at text not null, expires_at text not null, revoked_at text, address text not null, agent text not null)`,
    sql`create index sessions_user on sessions (user_id)`,
    sql`create table api_keys (
      id text primary key, user_id text not null references users (id) on delete cascade, name text not null,
      key_hash text not null unique, hint text not null, scopes text not null, created_at text not null,
      expires_at text, revoked_at text, last_used_at text)`,
    sql`create table login_failures (id integer primary key, subject text not null, at text not null)`,
    sql`create index api_keys_user on api_keys (user_id)`,
    sql`create index login_failures_subject on login_failures (subject, at)`,
    sql`create table audit (
      id integer primary key, at text not null, actor text, action text not null, target text, address text, request_id text, detail text not null)`,
    sql`create index audit_at on audit (at)`,
    sql`create index audit_action on audit (action, id)`,
    sql`create index audit_actor on audit (actor, id)`,
    sql`create table datasets (
      id text primary key, name text not null unique, description text not null, current_generation integer not null,
      created_at text not null, created_by text, updated_at text not null)`,
    sql`create table generations (
      dataset_id text not null references datasets (id) on delete cascade, generation integer not null, row_count integer not null,
      bytes integer not null, columns text not null, files text not null, rejected text not null, warnings text not null,
      source_name text not null, created_at text not null, created_by text, primary key (dataset_id, generation))`,
    sql`create table retired_files (path text primary key, retired_at text not null)`,
    sql`create table facts (name text primary key, value text not null)`,
  ];
  for (const statement of statements) await statement.execute(db);
}
