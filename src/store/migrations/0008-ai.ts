import { type Kysely, sql } from 'kysely';

/** What AI requests cost, by user and day. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table ai_usage (
    user_id text not null, day text not null, requests integer not null, input_tokens bigint not null, output_tokens bigint not null,
    primary key (user_id, day))`.execute(db);
}
