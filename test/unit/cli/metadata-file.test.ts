import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { metadataCheck } from '../../../src/cli/doctor/metadata.ts';
import { readConfig } from '../../../src/config.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { runCommand } from '../../support/program.ts';
import { tempFolder } from '../../support/server-process.ts';

let folder: string;
let removeFolder: () => Promise<void>;
let path: string;

beforeEach(async () => {
  ({ path: folder, remove: removeFolder } = await tempFolder('metadata-file-'));
  path = join(folder, 'meta.sqlite');
  const db = await openDatabase(path);
  await migrate(db, path, silentLog);
  await db.destroy();
});
afterEach(() => removeFolder());

const spoilt: [string, RegExp, () => void][] = [
  ['is no database', /^\S+meta\.sqlite is no SQLite database;/, () => writeFileSync(path, 'x'.repeat(9000))],
  [
    'was cut',
    /^\S+meta\.sqlite is damaged;/,
    () => writeFileSync(path, readFileSync(path).subarray(0, 20_000)),
  ],
  [
    'is a folder',
    /^\S+other is a folder;/,
    () => {
      path = join(folder, 'other');
      mkdirSync(path);
    },
  ],
  [
    'is another program’s',
    /^\S+other\.sqlite holds tables of another program \(things\); name another file/,
    () => {
      path = join(folder, 'other.sqlite');
      const other = new Database(path);
      other.run('create table things (x)');
      other.close();
    },
  ],
  ['has a folder beside it', /^\S+meta\.sqlite cannot be written;/, () => mkdirSync(`${path}-wal`)],
];

test.each(spoilt)('a file that %s is told in a line, and found by doctor', async (_, says, spoil) => {
  spoil();
  for (const line of ['user list', 'migrate', 'backup']) {
    const { code, err } = await runCommand(line.split(' '), { METADATA_DB_PATH: path });
    expect(err).toMatch(says);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  }
  const found = await metadataCheck.run(readConfig({ METADATA_DB_PATH: path }));
  expect(found.map(({ state }) => state)).toContain('fail');
});

test('doctor finds a file that cannot be written, and leaves nothing beside it', async () => {
  chmodSync(path, 0o400);
  // Root may write it all the same, unless it has no rights beyond those of an owner.
  const drop = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all'] : [];
  const command = [
    ...drop,
    process.execPath,
    join(import.meta.dir, '../../../src/main.ts'),
    'doctor',
    '--json',
  ];
  const env = { PATH: process.env.PATH ?? '', METADATA_DB_PATH: path, DUCKDB_PATH: join(folder, 'l.duckdb') };
  const child = Bun.spawn(command, { env: { ...env, PORT: '0' }, stdout: 'pipe' });
  const { findings } = (await child.stdout.json()) as { findings: { check: string; says: string }[] };
  expect(findings.filter(({ check }) => check === 'metadata')).toMatchObject([
    { state: 'fail', says: `${path} cannot be read and written`, todo: `chmod u+rw ${path}` },
  ]);
  expect(await child.exited).toBe(1);
  expect(readdirSync(folder)).toEqual(['meta.sqlite']);
});
