import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPackage } from '../../deploy/package.ts';

let folder: string;
let root: string;
let file: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deb-'));
  root = join(folder, 'root');
  file = join(folder, 'reporting-api.deb');
  mkdirSync(join(root, 'var/lib/dpkg/info'), { recursive: true });
  mkdirSync(join(root, 'var/lib/dpkg/updates'));
  writeFileSync(join(root, 'var/lib/dpkg/status'), '');
  writeFileSync(join(folder, 'program'), '#!/bin/sh\necho here\n');
  await buildPackage(join(folder, 'program'), file, 'amd64');
});
afterAll(() => rmSync(folder, { recursive: true }));

const place = (path: string) => join(root, path);

/** dpkg over a root of its own, where no other package is: the scripts run outside of it, told by DPKG_ROOT. */
function dpkg(...args: string[]) {
  const run = Bun.spawnSync(
    ['dpkg', `--root=${root}`, '--force-script-chrootless', '--force-depends', '--force-not-root', ...args],
    {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    },
  );
  return { code: run.exitCode, text: `${run.stdout}${run.stderr}` };
}

test('the package says what it is, and which file is the administrator’s', () => {
  const info = Bun.spawnSync(['dpkg-deb', '--info', file]).stdout.toString();
  expect(info).toContain('Package: reporting-api');
  expect(info).toContain('Architecture: amd64');
  expect(info).toContain('conffiles');
  const contents = Bun.spawnSync(['dpkg-deb', '--contents', file]).stdout.toString();
  expect(contents).toMatch(/-rwxr-xr-x root\/root .* \.\/opt\/reporting-api\/reporting-api\n/);
  expect(contents).toMatch(/-rw-r----- root\/root .* \.\/etc\/reporting\/reporting-api\.env\n/);
  expect(contents).toContain('./usr/share/doc/reporting-api/copyright\n');
  expect(contents).toContain('./usr/share/man/man1/reporting-api.1.gz\n');
  expect(contents).toContain('./usr/lib/systemd/system/reporting-api-cluster.service');
});

test('settings that an administrator removed stay away, and stop no upgrade', () => {
  expect(dpkg('--install', file)).toMatchObject({ code: 0 });
  rmSync(place('etc/reporting/reporting-api.env'));
  expect(dpkg('--install', file)).toMatchObject({ code: 0 });
  expect(existsSync(place('etc/reporting/reporting-api.env'))).toBe(false);
  expect(dpkg('--purge', 'reporting-api')).toMatchObject({ code: 0 });
});

test('installs, installs over itself, goes, and leaves nothing after a purge', () => {
  expect(dpkg('--install', file)).toMatchObject({ code: 0 });
  const secret = readFileSync(place('etc/reporting/secret.env'), 'utf8');
  expect(secret).toMatch(/^SECRET_KEY=[0-9a-f]{64}\n$/);
  expect(statSync(place('etc/reporting/secret.env')).mode & 0o777).toBe(0o640);
  expect(statSync(place('var/lib/reporting')).mode & 0o777).toBe(0o750);
  expect(readFileSync(place('etc/reporting/reporting-api.env'), 'utf8')).not.toMatch(/^SECRET_KEY=/m);
  expect(readFileSync(place('usr/lib/systemd/system/reporting-api.service'), 'utf8')).toContain(
    'EnvironmentFile=-/etc/reporting/secret.env\nEnvironmentFile=/etc/reporting/reporting-api.env\n',
  );
  expect(Bun.spawnSync([place('opt/reporting-api/reporting-api')]).stdout.toString()).toBe('here\n');

  writeFileSync(place('etc/reporting/reporting-api.env'), 'PORT=8123\n');
  writeFileSync(place('var/lib/reporting/meta.sqlite'), 'data');
  expect(dpkg('--install', file)).toMatchObject({ code: 0 });
  expect(readFileSync(place('etc/reporting/reporting-api.env'), 'utf8')).toBe('PORT=8123\n');
  expect(readFileSync(place('etc/reporting/secret.env'), 'utf8')).toBe(secret);

  expect(dpkg('--remove', 'reporting-api')).toMatchObject({ code: 0 });
  expect(existsSync(place('opt/reporting-api'))).toBe(false);
  expect(existsSync(place('var/lib/reporting/meta.sqlite'))).toBe(true);
  expect(readFileSync(place('etc/reporting/reporting-api.env'), 'utf8')).toBe('PORT=8123\n');

  expect(dpkg('--purge', 'reporting-api')).toMatchObject({ code: 0 });
  for (const path of ['etc/reporting', 'var/lib/reporting', 'var/cache/reporting'])
    expect(existsSync(place(path)), path).toBe(false);
});
