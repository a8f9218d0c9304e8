import { describe, expect, test } from 'bun:test';
import { open } from 'node:fs/promises';
import packageJson from '../../../package.json';
import { AppError } from '../../../src/base/errors.ts';
import type { Command, Io } from '../../../src/cli/command.ts';
import { parseOptions } from '../../../src/cli/options.ts';
import { printConfigCommand } from '../../../src/cli/print-config.ts';
import { type Commands, runCli } from '../../../src/cli/run.ts';

const greet: Command = {
  name: 'greet',
  summary: 'Say hello',
  usage: 'Usage: reporting-api greet [--loud]\n',
  async run(args, io) {
    const { loud } = parseOptions(args, { loud: { type: 'boolean', default: false } });
    io.out(loud ? 'HELLO\n' : 'hello\n');
    return 0;
  },
};

const failing = (error: Error): Command => ({ ...greet, run: () => Promise.reject(error) });

const COMMANDS: Commands = {
  greet: async () => greet,
  'print-config': async () => printConfigCommand,
  refused: async () => failing(new AppError('resource.conflict', 'There is such a thing already')),
  away: async () => ({ ...greet, run: async () => (await open('/nowhere/file')).fd }),
  broken: async () => failing(new Error('inner trouble')),
};

async function run(args: string[], env: Record<string, string> = {}) {
  let out = '';
  let err = '';
  const io: Io = {
    env,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    stdin: async () => '',
  };
  return { code: await runCli(args, io, COMMANDS), out, err };
}

describe('a command', () => {
  test('gets what follows its name', async () => {
    expect(await run(['greet', '--loud'])).toEqual({ code: 0, out: 'HELLO\n', err: '' });
  });

  test('shows its own help and does nothing', async () => {
    expect(await run(['greet', '--loud', '--help'])).toEqual({ code: 0, out: greet.usage, err: '' });
  });

  test.each([[['greet', '--quiet']], [['greet', 'everybody']], [['greet', '--loud=yes']]])(
    '%j: wrong options go with the usage to the error stream, exit code 2',
    async (args) => {
      const { code, out, err } = await run(args);
      expect(err).toContain(greet.usage);
      expect(err.length).toBeGreaterThan(greet.usage.length);
      expect({ code, out }).toEqual({ code: 2, out: '' });
    },
  );

  test('that refuses says why in one line, exit code 1', async () => {
    expect(await run(['refused'])).toEqual({ code: 1, out: '', err: 'There is such a thing already\n' });
  });

  test('that the system refuses says why in one line, exit code 1', async () => {
    expect(await run(['away'])).toEqual({
      code: 1,
      out: '',
      err: "ENOENT: no such file or directory, open '/nowhere/file'\n",
    });
  });

  test('that breaks shows the trouble, exit code 1', async () => {
    const { code, err } = await run(['broken']);
    expect(err).toContain('inner trouble');
    expect(code).toBe(1);
  });
});

test('--version is the package’s and says that it runs from source', async () => {
  expect(await run(['--version'])).toEqual({ code: 0, out: `${packageJson.version}+source\n`, err: '' });
});

test('--help lists the commands', async () => {
  const { code, out } = await run(['--help']);
  expect(out).toContain('  greet  ');
  expect(out).toContain('Say hello');
  expect(code).toBe(0);
});

test.each([[[]], [['dance']], [['--dance']], [['toString']], [['__proto__']]])(
  '%j is no command: usage on the error stream, exit code 2',
  async (args) => {
    const { code, out, err } = await run(args as string[]);
    expect(err).toContain('Usage: reporting-api <command>');
    expect({ code, out }).toEqual({ code: 2, out: '' });
  },
);

describe('--print-config', () => {
  test('prints every setting, secrets hidden', async () => {
    const secret = '7d1f0c9ae2b84356a1d2e3f405162738';
    const { code, out } = await run(['--print-config'], { PORT: '9001', SECRET_KEY: secret });
    expect(out).toContain('PORT=9001\n');
    expect(out).toContain('SECRET_KEY=********\n');
    expect(out).not.toContain(secret);
    expect(code).toBe(0);
  });

  test('lists all faults, exit code 2', async () => {
    const { code, out, err } = await run(['print-config'], { PORT: 'x', LOG_LEVEL: 'loud' });
    expect(err).toContain('PORT: must be');
    expect(err).toContain('LOG_LEVEL: must be');
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});
