import { type Kysely, sql } from 'kysely';

/** Generations say how their file was encoded, and whether the upload is kept. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table generations add column origin text`.execute(db);
}
