import { expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../../src/cli/commands.ts';
import { SHELLS } from '../../src/cli/completion-scripts.ts';
import { describeAll } from '../../src/cli/described.ts';
import { findCommand } from '../programs.ts';

const ROOT = join(import.meta.dir, '../..');
const DEBIAN = readdirSync(join(ROOT, 'deploy/debian')).map((name) => `deploy/debian/${name}`);
const SCRIPTS = [
  'deploy/install.sh',
  'deploy/as-service',
  'deploy/on-path',
  'test/deploy/systemd/boot.sh',
  '.ci/run',
  ...DEBIAN,
];

function shellcheck(args: string[], input = '') {
  const command = findCommand('shellcheck');
  if (!command) throw new Error('shellcheck is not installed (package shellcheck)');
  const run = Bun.spawnSync([command, ...args], { cwd: ROOT, stdin: Buffer.from(input) });
  return { code: run.exitCode, text: `${run.stdout}${run.stderr}` };
}

test.each(SCRIPTS)('shellcheck finds no fault in %s', (script) => {
  expect(shellcheck([script])).toEqual({ code: 0, text: '' });
});

test('shellcheck finds no fault in the completion of bash', async () => {
  const script = SHELLS.bash(await describeAll(COMMANDS));
  expect(shellcheck(['--shell=bash', '-'], script)).toEqual({ code: 0, text: '' });
});

test('it does find one', () => {
  const { code, text } = shellcheck(['--shell=sh', '-'], 'rm $1/*\n');
  expect(text).toContain('SC2086');
  expect(code).toBe(1);
});
