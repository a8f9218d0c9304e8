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
  expect(contents).toMatch(/-rwxr-xr-x root\/root .* \.\/usr\/bin\/reporting-api\n/);
  for (const path of [
    'usr/lib/systemd/system/reporting-api.service',
    'opt/reporting-api/reporting-api-cluster.service',
    'opt/reporting-api/prometheus-rules.yml',
    'opt/reporting-api/grafana-dashboard.json',
    'opt/reporting-api/nginx-reporting-api.conf',
    'usr/share/doc/reporting-api/README.md',
    'usr/share/doc/reporting-api/DEPLOY.md',
    'usr/share/doc/reporting-api/CHANGELOG.md',
    'usr/share/bash-completion/completions/reporting-api',
    'usr/share/zsh/vendor-completions/_reporting-api',
    'usr/share/fish/vendor_completions.d/reporting-api.fish',
  ])
    expect(contents).toContain(`./${path}\n`);
});

test('the first installation says what to do next, an upgrade does not', () => {
  const first = dpkg('--install', file);
  expect(first.text).toContain('sudo systemctl enable --now reporting-api');
  expect(first.text).toContain('sudo reporting-api user create');
  expect(dpkg('--install', file).text).not.toContain('Next:');
  dpkg('--purge', 'reporting-api');
});

test('the completion of bash is loaded by its name, that of zsh completes at once', () => {
  dpkg('--install', file);
  const bash = `source ${place('usr/share/bash-completion/completions/reporting-api')} && complete -p reporting-api`;
  expect(Bun.spawnSync(['bash', '-c', bash]).stdout.toString()).toContain('reporting-api');
  const zsh = readFileSync(place('usr/share/zsh/vendor-completions/_reporting-api'), 'utf8');
  expect(zsh).toStartWith('#compdef reporting-api\n');
  expect(zsh).toEndWith('\n_reporting_api "$@"\n');
  dpkg('--purge', 'reporting-api');
});

test('the unit of several processes under the name of the guide follows upgrades, and goes with the package', () => {
  dpkg('--install', file);
  const chosen = place('etc/systemd/system/reporting-api.service');
  mkdirSync(place('etc/systemd/system'), { recursive: true });
  const template = readFileSync(place('opt/reporting-api/reporting-api-cluster.service'), 'utf8');
  writeFileSync(chosen, `${template}# of an older version\n`);
  expect(dpkg('--install', file)).toMatchObject({ code: 0 });
  expect(readFileSync(chosen, 'utf8')).toBe(template);
  expect(dpkg('--remove', 'reporting-api')).toMatchObject({ code: 0 });
  expect(existsSync(chosen)).toBe(false);
  writeFileSync(chosen, "[Unit]\nDescription=An administrator's own\n");
  expect(dpkg('--purge', 'reporting-api')).toMatchObject({ code: 0 });
  expect(existsSync(chosen)).toBe(true);
  rmSync(chosen);
});

test('a purge keeps backups with their key, unless it is told otherwise', () => {
  const backup = place('var/lib/reporting/backups/daily.sqlite');
  const install = () => {
    dpkg('--install', file);
    mkdirSync(place('var/lib/reporting/backups'), { recursive: true });
    writeFileSync(backup, 'a backup');
    writeFileSync(place('var/lib/reporting/meta.sqlite'), 'data');
    return readFileSync(place('etc/reporting/secret.env'), 'utf8');
  };
  const key = install();
  const purged = dpkg('--purge', 'reporting-api');
  expect(purged).toMatchObject({ code: 0 });
  expect(purged.text).toContain('/var/lib/reporting/backups stay');
  expect(readFileSync(backup, 'utf8')).toBe('a backup');
  expect(readFileSync(place('var/lib/reporting/backups/secret.env'), 'utf8')).toBe(key);
  expect(statSync(place('var/lib/reporting/backups/secret.env')).mode & 0o777).toBe(0o600);
  expect(existsSync(place('var/lib/reporting/meta.sqlite'))).toBe(false);
  expect(existsSync(place('etc/reporting'))).toBe(false);
  install();
  process.env.PURGE_BACKUPS = '1';
  try {
    expect(dpkg('--purge', 'reporting-api')).toMatchObject({ code: 0 });
  } finally {
    delete process.env.PURGE_BACKUPS;
  }
  expect(existsSync(place('var/lib/reporting'))).toBe(false);
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
