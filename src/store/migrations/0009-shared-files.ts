import { type Kysely, sql } from 'kysely';

/** Files of datasets that a bucket holds. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table shared_files (
    path text primary key, bytes bigint not null, sha256 text not null, begun_at text not null, shared_at text)`.execute(
    db,
  );
}
