import { afterEach, beforeEach, expect, test } from 'bun:test';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';

const SCRIPT = join(import.meta.dir, '../../deploy/install.sh');
const SETTINGS = 'etc/reporting/reporting-api.env';

let root: string;
let binary: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'root-'));
  binary = join(root, 'built');
  writeFileSync(binary, '#!/bin/sh\necho one\n');
});
afterEach(() => rmSync(root, { recursive: true }));

const place = (path: string) => join(root, 'system', path);
const modeOf = (path: string) => statSync(place(path)).mode & 0o777;

function install(...args: string[]) {
  const run = Bun.spawnSync(['sh', SCRIPT, ...args], {
    env: { PATH: process.env.PATH ?? '', DESTDIR: join(root, 'system') },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  return { code: run.exitCode, out: run.stdout.toString(), err: run.stderr.toString() };
}

function settings(): Record<string, string> {
  const lines = readFileSync(place(SETTINGS), 'utf8').split('\n');
  return Object.fromEntries(
    lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split(/=(.*)/s).slice(0, 2)),
  ) as Record<string, string>;
}

test('makes the folders, the unit, the program and settings with a secret that the service takes', () => {
  expect(install('--binary', binary)).toMatchObject({ code: 0, err: '' });
  expect(readdirSync(place('etc/systemd/system')).sort()).toEqual([
    'reporting-api.service',
    'reporting-api@.service',
  ]);
  expect(Bun.spawnSync([place('opt/reporting-api/reporting-api')]).stdout.toString()).toBe('one\n');
  expect(modeOf(SETTINGS)).toBe(0o640);
  expect(modeOf('var/lib/reporting')).toBe(0o750);
  expect(modeOf('var/cache/reporting')).toBe(0o700);
  const config = readConfig(settings());
  expect(config.APP_ENV).toBe('prod');
  // Without it there would be no schedule, no backup and no housekeeping.
  expect(config.RUN_SCHEDULER).toBe(true);
  expect(config.SECRET_KEY).toMatch(/^[0-9a-f]{64}$/);
});

test('again brings the program up to date and keeps settings and data; the other unit takes the place of the first', () => {
  install('--binary', binary);
  const before = readFileSync(place(SETTINGS), 'utf8');
  writeFileSync(place('var/lib/reporting/meta.sqlite'), 'data');
  writeFileSync(binary, '#!/bin/sh\necho two\n');
  expect(install('--binary', binary, '--unit', 'cluster').code).toBe(0);
  expect(Bun.spawnSync([place('opt/reporting-api/reporting-api')]).stdout.toString()).toBe('two\n');
  expect(readFileSync(place(SETTINGS), 'utf8')).toBe(before);
  expect(readFileSync(place('var/lib/reporting/meta.sqlite'), 'utf8')).toBe('data');
  expect(readdirSync(place('etc/systemd/system')).sort()).toEqual([
    'reporting-api.service',
    'reporting-api@.service',
  ]);
  const unit = () => readFileSync(place('etc/systemd/system/reporting-api.service'), 'utf8');
  expect(unit()).toContain('WEB_CONCURRENCY=auto');
  expect(install('--binary', binary).code).toBe(0);
  expect(unit()).not.toContain('WEB_CONCURRENCY');
});

test('two installations have two secrets', () => {
  install('--binary', binary);
  const first = settings().SECRET_KEY;
  rmSync(join(root, 'system'), { recursive: true });
  install('--binary', binary);
  expect(settings().SECRET_KEY).not.toBe(first!);
});

test('--dry-run says what it would do and does nothing', () => {
  const { code, out } = install('--binary', binary, '--dry-run');
  expect(code).toBe(0);
  expect(out).toContain(`would run: install -m 0755 ${binary}`);
  expect(out).toContain('with a fresh SECRET_KEY');
  expect(existsSync(place(''))).toBe(false);
});

test('--uninstall keeps settings and data, --purge does not, both can be done twice', () => {
  install('--binary', binary);
  writeFileSync(place('var/lib/reporting/meta.sqlite'), 'data');
  expect(install('--uninstall').code).toBe(0);
  expect(existsSync(place('opt/reporting-api'))).toBe(false);
  expect(readdirSync(place('etc/systemd/system'))).toEqual([]);
  expect(existsSync(place(SETTINGS))).toBe(true);
  expect(existsSync(place('var/lib/reporting/meta.sqlite'))).toBe(true);
  for (let i = 0; i < 2; i++) expect(install('--uninstall', '--purge')).toMatchObject({ code: 0, err: '' });
  expect(existsSync(place('etc/reporting'))).toBe(false);
  expect(existsSync(place('var/lib/reporting'))).toBe(false);
});

test('--purge keeps backups with their key, --purge-backups does not', () => {
  install('--binary', binary);
  const backups = place('var/lib/reporting/backups');
  mkdirSync(backups);
  writeFileSync(join(backups, 'daily.sqlite'), 'a backup');
  writeFileSync(place('var/lib/reporting/meta.sqlite'), 'data');
  const key = settings().SECRET_KEY;
  expect(install('--uninstall', '--purge')).toMatchObject({ code: 0, err: '' });
  expect(readdirSync(place('var/lib/reporting'))).toEqual(['backups']);
  expect(readdirSync(backups).sort()).toEqual(['daily.sqlite', 'secret.env']);
  expect(readFileSync(join(backups, 'secret.env'), 'utf8')).toBe(`SECRET_KEY=${key}\n`);
  expect(existsSync(place('etc/reporting'))).toBe(false);
  expect(install('--binary', binary).code).toBe(0);
  expect(install('--uninstall', '--purge', '--purge-backups')).toMatchObject({ code: 0, err: '' });
  expect(existsSync(place('var/lib/reporting'))).toBe(false);
});

test('the command is on the PATH, and goes with the program', () => {
  install('--binary', binary);
  expect(modeOf('usr/local/bin/reporting-api')).toBe(0o755);
  install('--uninstall');
  expect(existsSync(place('usr/local/bin/reporting-api'))).toBe(false);
});

test.each([
  [['--unit', 'triple'], 2, '--unit is single or cluster'],
  [['--purge'], 2, '--purge goes with --uninstall'],
  [['--uninstall', '--purge-backups'], 2, '--purge-backups goes with --purge'],
  [['--frobnicate'], 2, 'unknown option --frobnicate'],
  [['--binary'], 2, 'Usage:'],
  [['--binary', '/nowhere/program'], 1, 'there is no program at /nowhere/program'],
] as const)('%p is refused', (args, code, text) => {
  const run = install(...args);
  expect(run.code).toBe(code);
  expect(run.err).toContain(text);
});

test('a program that cannot be read leaves the one before in place', () => {
  install('--binary', binary);
  const missing = join(root, 'folder');
  Bun.spawnSync(['mkdir', missing]);
  chmodSync(missing, 0o755);
  expect(install('--binary', missing).code).toBe(1);
  expect(Bun.spawnSync([place('opt/reporting-api/reporting-api')]).stdout.toString()).toBe('one\n');
});
