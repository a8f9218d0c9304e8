import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SETTINGS } from '../../src/settings.ts';
import { findCommand } from '../programs.ts';

const UNITS = ['reporting-api.service', 'reporting-api-cluster.service', 'reporting-api@.service'] as const;
/** The exposure that systemd's own checker may find, of 10. */
const MOST_EXPOSURE = 1.5;

const textOf = (unit: string) => readFileSync(join(import.meta.dir, '../../deploy', unit), 'utf8');

function valuesOf(unit: string, name: string): string[] {
  return [...textOf(unit).matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map((match) => match[1] ?? '');
}

function analyze(...args: string[]) {
  const command = findCommand('systemd-analyze');
  if (!command) throw new Error('systemd-analyze is not installed (package systemd)');
  return Bun.spawnSync([command, ...args]);
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unit-'));
  // Only the program's path is replaced: the verifier wants it to exist.
  for (const unit of UNITS)
    writeFileSync(
      join(folder, unit),
      textOf(unit)
        .replaceAll('/opt/reporting-api/reporting-api', process.execPath)
        .replace(/^Documentation=.*$/m, ''),
    );
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(UNITS)('%s', (unit) => {
  const path = () => join(folder, unit.replace('@', '@8001'));

  test('systemd-analyze finds no fault', () => {
    writeFileSync(path(), readFileSync(join(folder, unit), 'utf8'));
    const run = analyze('verify', '--man=no', '--recursive-errors=no', path());
    expect(`${run.stdout}${run.stderr}`).toBe('');
    expect(run.exitCode).toBe(0);
  });

  test(`its exposure is at most ${MOST_EXPOSURE}`, () => {
    const run = analyze(
      'security',
      '--offline=true',
      `--threshold=${MOST_EXPOSURE * 10}`,
      join(folder, unit),
    );
    const level = /Overall exposure level for \S+: ([\d.]+)/.exec(run.stdout.toString())?.[1];
    expect(Number(level)).toBeLessThanOrEqual(MOST_EXPOSURE);
    expect(run.exitCode).toBe(0);
  });

  test('lets engine processes give way and limit their memory', () => {
    expect(valuesOf(unit, 'SystemCallFilter').slice(-2)).toEqual(['setpriority', 'setrlimit prlimit64']);
    expect(valuesOf(unit, 'CapabilityBoundingSet')).toEqual(['']);
  });

  test('has the paths of the guide', () => {
    expect(valuesOf(unit, 'EnvironmentFile')).toEqual([
      '-/etc/reporting/secret.env',
      '/etc/reporting/reporting-api.env',
    ]);
    expect(valuesOf(unit, 'StateDirectory')).toEqual(['reporting']);
    expect(valuesOf(unit, 'Environment')).toContain('DUCKDB_PATH=/var/lib/reporting/local.duckdb');
    expect(valuesOf(unit, 'Environment')).toContain('METADATA_DB_PATH=/var/lib/reporting/meta.sqlite');
  });

  test('waits for the service to say that it is ready, and longer than a graceful stop takes', () => {
    expect(valuesOf(unit, 'Type')).toEqual(['notify']);
    expect(Number(valuesOf(unit, 'WatchdogSec')[0])).toBeGreaterThan(Number(SETTINGS.TIMEOUT.default));
    expect(Number(valuesOf(unit, 'TimeoutStopSec')[0])).toBeGreaterThan(
      Number(SETTINGS.SHUTDOWN_DELAY_SECONDS.default) + Number(SETTINGS.GRACEFUL_TIMEOUT.default) + 7,
    );
  });

  test('is started again however often it fails, but not with settings that are wrong', () => {
    expect(valuesOf(unit, 'StartLimitIntervalSec')).toEqual(['0']);
    expect(valuesOf(unit, 'Restart')).toEqual(['on-failure']);
    expect(valuesOf(unit, 'RestartPreventExitStatus')).toEqual(['2']);
  });

  test('writable and executable memory is allowed, the engine compiles', () => {
    expect(valuesOf(unit, 'MemoryDenyWriteExecute')).toEqual([]);
  });

  test('is shut in like the others', () => {
    const walls = (of: string) => /^NoNewPrivileges=[\s\S]*SystemCallErrorNumber=.*$/m.exec(textOf(of))?.[0];
    expect(walls(unit)).toBe(walls(UNITS[0])!);
    expect(walls(unit)?.split('\n').length).toBeGreaterThan(20);
  });
});

test('as-service runs a command with what the units have', () => {
  const properties = [...textOf('as-service').matchAll(/^ {4}--property=(\S+) /gm)].map(([, one]) => one!);
  expect(properties.length).toBeGreaterThan(10);
  const unit = textOf(UNITS[0]).split('\n');
  expect(properties.filter((one) => !unit.includes(one))).toEqual([]);
});

test('the unit of several processes asks for them, and reloads by SIGHUP', () => {
  const unit = 'reporting-api-cluster.service';
  expect(valuesOf(unit, 'Environment')).toContain('WEB_CONCURRENCY=auto');
  expect(valuesOf(unit, 'KillMode')).toEqual(['control-group']);
  expect(valuesOf(unit, 'ExecReload')).toEqual(['/bin/kill -HUP $MAINPID']);
});

test('a replica listens on the port of its name, whatever the settings say', () => {
  expect(valuesOf('reporting-api@.service', 'ExecStart')).toEqual([
    '/usr/bin/env PORT=%i /opt/reporting-api/reporting-api serve',
  ]);
});
