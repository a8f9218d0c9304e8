import { type Kysely, sql } from 'kysely';
import { openDatabase } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { MIGRATIONS } from '../../../src/store/migrations/all.ts';
import { silentLog } from '../../../src/telemetry/log.ts';

const [, , path = '', how = ''] = process.argv;

const more = {
  name: '9001-more',
  async up(db: Kysely<unknown>) {
    await sql`create table more (x integer)`.execute(db);
    await sql`update users set name = 'changed'`.execute(db);
    await sql`insert into more select 1 from users`.execute(db);
    if (how === 'hang') {
      process.stdout.write('inside\n');
      await new Promise((resolve) => setTimeout(resolve, 600_000));
    }
  },
};

const db = await openDatabase(path);
process.stdout.write('opened\n');
await migrate(db, path, silentLog, how === 'plain' ? MIGRATIONS : [...MIGRATIONS, more]);
process.stdout.write('migrated\n');
await db.destroy();
