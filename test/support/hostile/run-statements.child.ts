import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { openFenced } from '../../../src/drivers/duckdb/instance.ts';

const [, , folder, interruptMs] = process.argv;

/** Values that have hurt: deep, long, empty, extreme. */
const EXTREMES = `
  create table orders as select i as id, i % 5 as qty, i * 1.5 as amount, ['EU', 'US', null][i % 3 + 1] as region,
    case when i % 2 = 0 then 'web, shop' end as note, timestamp '2024-01-01' + to_days(i::int) as ordered_at,
    '{"a": {"a": [1, null]}}'::json as data, ['x', 'y'] as tags, 127::tinyint as tiny, 170141183460469231731687303715884105727::hugeint as huge,
    1e308::double as wide, 'nan'::double as odd, repeat('ab,', 30000) as long, repeat('[', 20000) || repeat(']', 20000) as brackets,
    repeat('{"a":', 20000) || '1' || repeat('}', 20000) as objects, repeat('(', 20000) as parens, '' as blank, null::varchar as nothing,
    timestamp '0001-01-01' as first_day, 'infinity'::timestamp as last_day,
    (repeat('{"a":', 20000) || '1' || repeat('}', 20000))::json as nested
  from range(12) t(i)`;

const instance = await openFenced({
  folders: [],
  tempFolder: join(folder!, 'spill'),
  memoryLimitBytes: 256 << 20,
  tempMaxBytes: 64 << 20,
  threads: 1,
});
const connection = await instance.connect();
await connection.run(EXTREMES);

/** As callers' statements run. One line an answer, so that the parent knows what ran when the process ended. */
async function run(text: string): Promise<string> {
  const timer = setInterval(() => connection.interrupt(), Number(interruptMs));
  try {
    await connection.run(`CREATE TEMP TABLE found AS SELECT * FROM (${text}) LIMIT 1001`);
    return 'ok';
  } catch (error) {
    return String(error).slice(0, 200);
  } finally {
    clearInterval(timer);
    await connection.run('DROP TABLE IF EXISTS found').catch(() => undefined);
  }
}

writeSync(1, `${JSON.stringify('ready')}\n`);
for await (const line of console) writeSync(1, `${JSON.stringify(await run(JSON.parse(line)))}\n`);
