import { join, resolve } from 'node:path';
import packageJson from '../../package.json';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runCli } from '../../src/cli/run.ts';

const { TEST_PROGRAM } = process.env;
const PLACE = TEST_PROGRAM === undefined ? undefined : resolve(TEST_PROGRAM);

/** The compiled file that TEST_PROGRAM names is tested, in place of the sources. */
export const IS_COMPILED = PLACE !== undefined;

/** What a test starts as a process, before the arguments. */
export const PROGRAM: readonly string[] = PLACE
  ? [PLACE]
  : [process.execPath, join(import.meta.dir, '../../src/main.ts')];

/** What each process of the program is given beside what its test is about; the compiled file unpacks DuckDB once, not once a test. */
export const PROGRAM_ENV: Record<string, string> = {
  PATH: process.env.PATH ?? '',
  ...(PLACE ? { XDG_CACHE_HOME: `${PLACE}.cache` } : {}),
};

/** What the program says of its version. */
export const PROGRAM_VERSION: string = PLACE
  ? Bun.spawnSync([PLACE, '--version']).stdout.toString().trim()
  : `${packageJson.version}+source`;

export interface Ran {
  /** The exit code. */
  code: number;
  out: string;
  err: string;
}

/** Runs a program to its end; a failure is an answer, too. */
export async function runProcess(
  command: readonly string[],
  { input = '', ...options }: { cwd?: string; env: Record<string, string>; input?: string },
): Promise<Ran> {
  const child = Bun.spawn([...command], {
    ...options,
    stdin: new Blob([input]),
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

/** Runs a command of the program: of the sources in this process, of the compiled file in its own. */
export async function runCommand(args: string[], env: Record<string, string>): Promise<Ran> {
  if (IS_COMPILED) return runProcess([...PROGRAM, ...args], { env: { ...PROGRAM_ENV, ...env } });
  const out: Uint8Array[] = [];
  const err: string[] = [];
  const io = {
    env,
    out: (text: string | Uint8Array) => void out.push(Buffer.from(text as string)),
    err: (text: string) => void err.push(text),
    stdin: async () => '',
  };
  const code = await runCli(args, io, COMMANDS);
  return { code, out: Buffer.concat(out).toString(), err: err.join('') };
}

export interface Serving {
  url: string;
  child: Bun.Subprocess;
  /** What was logged so far, a line an event. */
  logged: string[];
  /** The exit code; null where a signal ended it. */
  ended: Promise<number | null>;
}

/** Starts `serve` and waits until it says where it listens; rejects with what it logged when it ends before that. */
export async function startServe(
  env: Record<string, string>,
  { program = PROGRAM, cwd }: { program?: readonly string[]; cwd: string },
): Promise<Serving> {
  const child = Bun.spawn([...program, 'serve'], {
    cwd,
    env: { PORT: '0', ...env },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  });
  const logged: string[] = [];
  const url = await new Promise<string>((started, failed) => {
    const take = (line: string) => {
      logged.push(line);
      if (line.includes('"event":"service.started"')) started((JSON.parse(line) as { url: string }).url);
    };
    eachLine(child.stderr, take)
      .then(() => failed(new Error(`it ended before it had started:\n${logged.join('\n')}`)))
      .catch(failed);
  });
  return { url, child, logged, ended: child.exited.then(() => child.exitCode) };
}

/** Gives every line of a stream, the last one also without its end. */
export async function eachLine(
  stream: ReadableStream<Uint8Array>,
  take: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of stream) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = parts.pop()!;
    for (const line of parts) take(line);
  }
  if (rest !== '') take(rest);
}
