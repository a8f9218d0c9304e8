import { join } from 'node:path';
import { Glob } from 'bun';
import { PROGRAMS, providePrograms } from './programs.ts';

const ROOT = join(import.meta.dir, '..');

interface Tally {
  passed: number;
  failed: number;
  notes: string[];
}

/** Ends a wait that never would; far above what any test takes on a busy machine. */
const TEST_TIMEOUT_MS = 120_000;

const say = (text: string) => process.stdout.write(`${text}\n`);

/** Runs Bun itself, shows what it prints, and gives the exit code and the text. */
async function bun(args: string[]): Promise<{ code: number; text: string }> {
  const child = Bun.spawn([process.execPath, ...args], {
    cwd: ROOT,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  let text = '';
  async function show(stream: ReadableStream<Uint8Array>) {
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      process.stdout.write(bytes);
      text += decoder.decode(bytes, { stream: true });
    }
  }
  await Promise.all([show(child.stdout), show(child.stderr)]);
  return { code: await child.exited, text };
}

/** One that passes or fails as a whole. */
async function runStep(tally: Tally, title: string, args: string[]): Promise<boolean> {
  say(`\n== ${title}`);
  const { code } = await bun(args);
  if (code === 0) tally.passed++;
  else {
    tally.failed++;
    tally.notes.push(`FAILED: ${title} (exit code ${code})`);
  }
  return code === 0;
}

function countOf(text: string, what: string): number {
  const counts = [...text.matchAll(new RegExp(`^ *(\\d+) ${what}s?$`, 'gm'))];
  return Number(counts.at(-1)?.[1] ?? 0);
}

/** What failed, by file and name, in what `bun test` printed: each test once, though a summary names it again. */
function failuresIn(text: string): string[] {
  const found = new Set<string>();
  let file = '';
  for (const line of Bun.stripANSI(text).split('\n')) {
    if (/^\d+ tests failed:$/.test(line)) break;
    file = /^(?:::group::)?(test\/\S+\.ts):$/.exec(line)?.[1] ?? file;
    const name = /^\(fail\) (.+?)(?: \[[\d.]+m?s\])?$/.exec(line)?.[1];
    if (name !== undefined) found.add(`${file}: ${name.replace('(unnamed)', 'a hook of its tests')}`);
    else if (line === '# Unhandled error between tests') found.add(`${file}: an error outside of its tests`);
  }
  return [...found];
}

async function runSuite(tally: Tally, suite: string, files: string[]): Promise<void> {
  say(`\n== ${suite}`);
  const { code, text } = await bun([
    'test',
    `--timeout=${TEST_TIMEOUT_MS}`,
    ...files.map((file) => `./${file}`),
  ]);
  const failed = countOf(text, 'fail');
  tally.passed += countOf(text, 'pass');
  // A crash, or a file that does not load, may fail without a failed test.
  tally.failed += failed === 0 && code !== 0 ? 1 : failed;
  if (code !== 0) {
    tally.notes.push(`FAILED: ${suite} (exit code ${code})`);
    for (const failure of failuresIn(text)) tally.notes.push(`FAILED: ${failure}`);
  }
  const left = countOf(text, 'skip') + countOf(text, 'todo');
  if (left > 0) tally.notes.push(`NOT RUN: ${left} tests of ${suite} that are marked skip or todo`);
}

/** The test files by suite: the folder below test/, or the file itself. */
function suites(without: ReadonlySet<string>): Map<string, string[]> {
  const files = [...new Glob('test/**/*.test.ts').scanSync({ cwd: ROOT })].sort();
  return Map.groupBy(
    files.filter((file) => !without.has(file)),
    (file) => file.split('/').slice(0, 2).join('/'),
  );
}

/** The files that cannot be run here. A missing program that ENGINES names is a failure. */
function unrunnable(tally: Tally): ReadonlySet<string> {
  const demanded = new Set((process.env.ENGINES ?? '').split(',').map((name) => name.trim()));
  const without = new Set<string>();
  for (const { program, why } of providePrograms()) {
    for (const file of program.tests) without.add(file);
    tally.notes.push(`NOT RUN: ${program.tests.join(', ')}: ${program.command} is missing (${why})`);
    if (demanded.has(program.name)) tally.failed++;
  }
  const known = new Set(PROGRAMS.map(({ name }) => name));
  for (const name of demanded)
    if (name !== '' && !known.has(name)) {
      tally.notes.push(`FAILED: ENGINES names ${name}; known are ${[...known].join(', ')}`);
      tally.failed++;
    }
  return without;
}

/** What the command line may name and does not: a suite or a file that is not there would pass unseen. */
function checkChosen(tally: Tally, chosen: readonly string[]): void {
  const all = suites(new Set());
  const known = new Set([...all.keys(), ...[...all.values()].flat()]);
  for (const name of chosen)
    if (!known.has(name)) {
      tally.notes.push(`FAILED: there are no tests ${name}`);
      tally.failed++;
    }
}

/** Runs everything, or only the suites and files that the command line names. */
async function main(): Promise<void> {
  const tally: Tally = { passed: 0, failed: 0, notes: [] };
  const chosen = process.argv.slice(2);
  checkChosen(tally, chosen);
  await runStep(tally, 'packages', ['install', '--frozen-lockfile']);
  if (chosen.length === 0) {
    await runStep(tally, 'types', ['x', '--no-install', 'tsc', '--noEmit']);
    await runStep(tally, 'lint', ['x', '--no-install', 'biome', 'check', '.']);
  }
  for (const [suite, files] of suites(unrunnable(tally))) {
    const isWhole = chosen.length === 0 || chosen.includes(suite);
    const wanted = isWhole ? files : files.filter((file) => chosen.includes(file));
    if (wanted.length > 0) await runSuite(tally, suite, wanted);
  }
  if (tally.notes.length > 0) say(`\n${tally.notes.map((note) => `!! ${note}`).join('\n')}`);
  say(`\n${tally.passed} passed, ${tally.failed} failed`);
  process.exit(tally.failed === 0 ? 0 : 1);
}

await main();
