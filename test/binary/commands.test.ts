import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../package.json';
import { COMMANDS } from '../../src/cli/commands.ts';
import { SETTINGS } from '../../src/settings.ts';
import { Shipped } from './shipped.ts';

let shipped: Shipped;
beforeAll(() => {
  shipped = new Shipped();
}, 120_000);
afterAll(() => shipped[Symbol.asyncDispose]());

test('--version is the package’s, with the commit where there is one', async () => {
  const { code, out, err } = await shipped.run(['--version']);
  expect(err).toBe('');
  expect(out).toMatch(/^\d+\.\d+\.\d+(\+[0-9a-f]{12})?\n$/);
  expect(out).toStartWith(packageJson.version);
  expect(code).toBe(0);
});

test.each(Object.keys(COMMANDS))('%s explains itself', async (command) => {
  const all = await shipped.run(['--help']);
  expect(all.out).toContain(`  ${command} `);
  const { code, out } = await shipped.run([command, '--help']);
  expect(out).toStartWith(`Usage: reporting-api ${command}`);
  expect(code).toBe(0);
});

test('an unknown command is refused with the usage', async () => {
  const { code, out, err } = await shipped.run(['dance']);
  expect(err).toContain('Unknown command "dance"');
  expect(out).toBe('');
  expect(code).toBe(2);
});

test('print-config shows every setting', async () => {
  const { code, out } = await shipped.run(['print-config'], { THREADS: '3' });
  for (const name of Object.keys(SETTINGS)) expect(out).toContain(name);
  expect(out).toContain('THREADS=3\n');
  expect(code).toBe(0);
});

test('production without a secret is refused by name, and no file is made', async () => {
  const { code, err } = await shipped.run(['serve'], { APP_ENV: 'prod', LOG_LEVEL: 'loud' });
  expect(err).toContain('LOG_LEVEL: must be');
  expect(code).toBe(2);
  const second = await shipped.run(['serve'], { APP_ENV: 'prod' });
  expect(second.err).toContain('SECRET_KEY: is required');
  expect(second.code).toBe(2);
  expect(readdirSync(join(shipped.folder, 'work'))).toEqual([]);
});

describe('doctor', () => {
  interface Report {
    ok: boolean;
    findings: { check: string; state: string; says: string }[];
  }

  test('finds nothing wrong in an empty folder, and leaves it empty', async () => {
    const { code, out, err } = await shipped.run(['doctor', '--json']);
    const report = JSON.parse(out) as Report;
    expect(report.findings.filter(({ state }) => state === 'fail')).toEqual([]);
    const checks = new Set(report.findings.map(({ check }) => check));
    const all = [
      'settings',
      'secret',
      'folders',
      'disk',
      'metadata',
      'datasets',
      'duckdb',
      'fence',
      'timezones',
      'workers',
      'clock',
      'limits',
      'port',
    ];
    expect([...checks].sort()).toEqual(all.sort());
    expect({ ok: report.ok, code, err }).toEqual({ ok: true, code: 0, err: '' });
    expect(readdirSync(join(shipped.folder, 'work'))).toEqual([]);
  });

  test('unpacked DuckDB for this user alone', () => {
    const cache = join(shipped.folder, 'home/.cache/reporting-api');
    const [folder] = readdirSync(cache);
    expect(statSync(join(cache, folder!)).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(cache, folder!)).sort()).toEqual(['duckdb.node', 'libduckdb.so']);
  });

  test('tells a port that somebody else has', async () => {
    await using other = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('other') });
    const { code, out } = await shipped.run(['doctor', '--json'], { PORT: String(other.port) });
    const failed = (JSON.parse(out) as Report).findings.filter(({ state }) => state === 'fail');
    expect(failed.map(({ check }) => check)).toEqual(['port']);
    expect(code).toBe(1);
  });

  const NOWHERE = { HOME: '/dev/null', XDG_CACHE_HOME: '/dev/null', TMPDIR: '/dev/null' };

  test('tells where DuckDB cannot be unpacked beside what else it finds', async () => {
    const { code, out, err } = await shipped.run(['doctor', '--json'], {
      ...NOWHERE,
      TMPDIR: shipped.folder,
    });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('"duckdb"');
    const nowhere = await shipped.run(['doctor', '--json'], NOWHERE);
    const { findings } = JSON.parse(nowhere.out) as Report;
    expect(findings.filter(({ check }) => check === 'duckdb')).toMatchObject([{ state: 'fail' }]);
    const workers = findings
      .filter(({ check, state }) => check === 'workers' && state === 'fail')
      .map(({ says }) => says);
    // All but the one that only parses.
    expect(workers).toHaveLength(4);
    for (const says of workers)
      expect(says).toMatch(/^the \w+ worker does not start: DuckDB could not be unpacked; [^\n]+$/);
    expect(findings.length).toBeGreaterThan(8);
    expect(nowhere.code).toBe(1);
  });

  test.each(['serve', 'export --all'])('%s says in words why DuckDB cannot be loaded', async (line) => {
    const { code, out, err } = await shipped.run(line.split(' '), NOWHERE);
    const words = err.split('\n').filter((each) => !each.startsWith('{'));
    expect(words[0]).toStartWith(
      'DuckDB could not be unpacked; set XDG_CACHE_HOME to a folder of this user.',
    );
    expect(words.filter((each) => !each.startsWith('  '))).toHaveLength(2);
    expect({ code, out }).toEqual({ code: 1, out: '' });
  });

  test('lists every wrong setting', async () => {
    const { code, out } = await shipped.run(['doctor', '--json'], { PORT: 'x', TIMEZONE: 'Mars' });
    const { findings } = JSON.parse(out) as Report;
    expect(findings.map(({ check, state }) => `${check} ${state}`)).toEqual([
      'settings fail',
      'settings fail',
    ]);
    expect(code).toBe(1);
  });
});

test('import and export work without the sources', async () => {
  const db = new Database(join(shipped.folder, 'work/rows.sqlite'));
  db.run('CREATE TABLE things AS SELECT 1 AS id, 2.5 AS weight');
  db.close();
  const env = { METADATA_DB_PATH: 'in/meta.sqlite', DUCKDB_PATH: 'in/local.duckdb' };
  expect((await shipped.run(['import', 'sqlite', 'rows.sqlite'], env)).out).toBe(
    'things: imported, 1 rows\n',
  );
  const { code, out } = await shipped.run(['export', '--dataset', 'things', '--out', '-'], env);
  expect(out.split(/\r?\n/)).toEqual(['id,weight', '1,2.5', '']);
  expect(code).toBe(0);
});
