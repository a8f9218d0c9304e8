import { type Kysely, sql } from 'kysely';

/** Tasks get a number that grows when what decides their rows does, so that other edits leave runs alone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table sync_tasks add column version integer not null default 1`.execute(db);
}
