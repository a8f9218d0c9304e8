import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { SHELLS } from '../../../src/cli/completion-scripts.ts';
import { describeAll } from '../../../src/cli/described.ts';
import { runCli } from '../../../src/cli/run.ts';
import { findProgram, runProgram } from '../../support/server-process.ts';

const PAGE = join(import.meta.dir, '../../../deploy/reporting-api.1');
const commands = await describeAll(COMMANDS);

/** What bash offers for a line, the cursor at its end. */
function offered(line: string): string[] {
  const words = line.split(' ');
  const script = `${SHELLS.bash(commands)}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_reporting_api; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const printed = runProgram(['bash', '--norc', '-euc', script]);
  return printed.trim() === '' ? [] : printed.trim().split('\n');
}

describe('completion', () => {
  test.each<[string, string[]]>([
    ['reporting-api ba', ['backup']],
    ['reporting-api --ver', ['--version']],
    ['reporting-api user ', ['create', 'list', 'disable', 'enable', 'set-password']],
    ['reporting-api user se', ['set-password']],
    ['reporting-api backup --w', ['--with-datasets']],
    ['reporting-api restore x --', ['--help', '--dry-run', '--force', '--json']],
    ['reporting-api completion ', ['bash', 'zsh', 'fish']],
    ['reporting-api dance ', []],
    ['reporting-api restore /etc/host', ['/etc/hostname', '/etc/hosts']],
  ])('bash: %s', (line, expected) => {
    expect(offered(line)).toEqual(expect.arrayContaining(expected));
    if (!line.includes('/')) expect(offered(line)).toHaveLength(expected.length);
  });

  test('bash takes the script as it is printed', async () => {
    const printed: string[] = [];
    const io = { env: {}, out: (text: string) => void printed.push(text), err: () => undefined };
    const code = await runCli(['completion', 'bash'], { ...io, stdin: async () => '' }, COMMANDS);
    expect(code).toBe(0);
    runProgram(['bash', '-nc', printed.join('')]);
    const registered = runProgram([
      'bash',
      '--norc',
      '-euc',
      `${printed.join('')}\ncomplete -p reporting-api`,
    ]);
    expect(registered).toContain('-F _reporting_api reporting-api');
  });

  test.each(['zsh', 'fish'] as const)('%s knows every command, action and option', (shell) => {
    const script = SHELLS[shell](commands);
    for (const { name, actions, options } of commands) {
      expect(script).toMatch(new RegExp(`(?:-a |    |')${name}\\b`));
      for (const action of actions) expect(script).toContain(action);
      for (const option of options) expect(script).toContain(option.replace('--', ''));
    }
  });

  test('of another shell is refused', async () => {
    const said: string[] = [];
    const io = { env: {}, out: () => undefined, err: (text: string) => void said.push(text) };
    const code = await runCli(['completion', 'tcsh'], { ...io, stdin: async () => '' }, COMMANDS);
    expect(said.join('')).toStartWith('SHELL must be bash, zsh or fish');
    expect(code).toBe(2);
  });
});

test.each(commands)('$name says what its exit codes mean', ({ name, usage }) => {
  expect(usage).toStartWith(`Usage: reporting-api ${name}`);
  expect(usage).toMatch(/^Exit codes: 0 .*2 wrong command line.*\.\n$/m);
});

test('the manual page is read without a warning, and has every command', () => {
  const groff = Bun.spawnSync([findProgram('groff'), '-man', '-Tutf8', '-ww', '-P-cbou', PAGE]);
  expect(groff.stderr.toString()).toBe('');
  const text = groff.stdout.toString();
  for (const { name, summary } of commands) {
    expect(text).toContain(`   ${name}\n`);
    expect(text.replace(/\s+/g, ' ')).toContain(summary);
  }
  expect(text).toContain('--with-datasets');
});
