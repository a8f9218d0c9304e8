import { expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SETTINGS } from '../../src/settings.ts';
import { findCommand } from '../programs.ts';

const unitText = readFileSync(join(import.meta.dir, '../../deploy/reporting-api.service'), 'utf8');

function valuesOf(name: string): string[] {
  return [...unitText.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map((match) => match[1] ?? '');
}

test('systemd-analyze finds no fault in the unit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'unit-'));
  try {
    // Only the program's path is replaced: the verifier wants it to exist.
    const path = join(folder, 'reporting-api.service');
    writeFileSync(
      path,
      unitText
        .replace('/opt/reporting-api/reporting-api', process.execPath)
        .replace(/^Documentation=.*$/m, ''),
    );
    const analyze = findCommand('systemd-analyze');
    if (!analyze) throw new Error('systemd-analyze is not installed (package systemd)');
    const run = Bun.spawnSync([analyze, 'verify', '--man=no', '--recursive-errors=no', path]);
    expect(`${run.stdout}${run.stderr}`).toBe('');
    expect(run.exitCode).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the unit has the paths of the guide', () => {
  expect(valuesOf('EnvironmentFile')).toEqual(['/etc/reporting/reporting-api.env']);
  expect(valuesOf('Environment')).toContain('DUCKDB_PATH=/var/lib/reporting/local.duckdb');
  expect(valuesOf('Environment')).toContain('METADATA_DB_PATH=/var/lib/reporting/meta.sqlite');
});

test('systemd waits longer than a graceful stop takes', () => {
  expect(Number(valuesOf('TimeoutStopSec')[0])).toBeGreaterThan(
    Number(SETTINGS.GRACEFUL_TIMEOUT.default) + 5,
  );
});

test('writable and executable memory is allowed, the engine compiles', () => {
  expect(valuesOf('MemoryDenyWriteExecute')).toEqual([]);
});
