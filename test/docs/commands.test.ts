import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../../src/cli/commands.ts';
import { describeAll } from '../../src/cli/described.ts';
import { RULES } from '../../src/cli/doctor/settings-rules.ts';
import { readConfig } from '../../src/config.ts';
import { Bed } from './commands/bed.ts';
import { CLASSES, type CommandClass } from './commands/classes.ts';
import { type Shown, shellCommands, shownIn } from './commands/extract.ts';

const ROOT = join(import.meta.dir, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
/** In this order: what the README asks of a service is asked of the one that DEPLOY.md starts. */
const DOCUMENTS = ['deploy/DEPLOY.md', 'README.md'];
const shown = DOCUMENTS.flatMap((path) => shownIn(path, read(path)));
const classOf = ({ kind, text }: Shown): CommandClass | undefined =>
  CLASSES.find(({ kinds, matches }) => (kinds ?? ['shell', 'inline']).includes(kind) && matches.test(text));
const commands = await describeAll(COMMANDS);

let bed: Bed;
beforeAll(async () => {
  bed = await Bed.open();
}, 120_000);
afterAll(() => bed[Symbol.asyncDispose]());

test('every command of the documents is of a known class, and every class has one', () => {
  expect(shown.length).toBeGreaterThan(80);
  expect(shown.filter((one) => !classOf(one)).map(({ place, text }) => `${place}: ${text}`)).toEqual([]);
  const used = new Set(shown.map(classOf));
  expect(CLASSES.filter((one) => !used.has(one)).map(({ name }) => name)).toEqual([]);
});

/** What a text asks of the program: a command, then actions and options. */
function misused(text: string): string[] {
  const faults: string[] = [];
  for (const [, name = '', rest = ''] of text.matchAll(/\breporting-api ([a-z][\w-]*)([^\n`|;&]*)/g)) {
    const known = commands.find((one) => one.name === name);
    if (!known) faults.push(`there is no command ${name}`);
    if (!known) continue;
    const [action = ''] = rest.trim().split(/\s+/);
    if (known.actions.length > 0 && /^[a-z]/.test(action) && !known.actions.includes(action))
      faults.push(`${name} has no action ${action}`);
    for (const [option] of rest.matchAll(/(?<=[\s[])--[a-z][a-z-]*/g))
      if (!known.options.includes(option)) faults.push(`${name} has no option ${option}`);
  }
  return faults;
}

test('what they ask of the program, it knows', () => {
  const asked = [
    ...shown.map(({ place, text }) => [place, text] as const),
    ...[...read('README.md').matchAll(/^reporting-api .*?(?= {2}|$)/gm)].map(
      ([text]) => ['README.md', text] as const,
    ),
  ];
  expect(asked.flatMap(([place, text]) => misused(text).map((fault) => `${place}: ${fault}`))).toEqual([]);
  expect(misused('reporting-api dance; reporting-api user sing; reporting-api backup --loud')).toEqual([
    'there is no command dance',
    'user has no action sing',
    'backup has no option --loud',
  ]);
});

test('bash reads each of them', async () => {
  const faults = shown
    .filter(({ kind }) => kind === 'shell')
    .map(({ place, text }) => ({ place, run: Bun.spawnSync(['bash', '-n', '-c', text]) }))
    .filter(({ run }) => !run.success)
    .map(({ place, run }) => `${place}: ${run.stderr}`);
  expect(faults).toEqual([]);
});

test('they are run, or checked as far as they can be, one after another', async () => {
  const faults: string[] = [];
  for (const one of shown) {
    try {
      await classOf(one)!.check(one, bed);
    } catch (error) {
      faults.push(`${one.place}: ${one.text}\n  ${String(error)}`);
    }
  }
  expect(faults).toEqual([]);
}, 120_000);

test('the chapters of DEPLOY.md are those of the guide, in their order', () => {
  const chapters = [...read('deploy/DEPLOY.md').matchAll(/^## (\d+)\)/gm)].map(([, number]) =>
    Number(number),
  );
  expect(chapters).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

const GIB = 2 ** 30;
/** A process before its first query, and one hash of a password. */
const [PROCESS_BYTES, HASH_BYTES] = [100 * 2 ** 20, 64 * 2 ** 20];

/** The rows of the tuning table: the machine, and settings for it; one entry for each choice that a row leaves. */
function tuningRows() {
  const [, head = '', body = ''] =
    /^\| Cores, memory (.*)\n\|[-| ]+\n((?:\|.*\n)+)/m.exec(read('deploy/DEPLOY.md')) ?? [];
  const names = [...head.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
  return body
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [machine = '', ...values] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      expect(values).toHaveLength(names.length);
      const [, cores = '', memory = ''] = /^(\d+) cores?, (\d+) GiB$/.exec(machine) ?? [];
      const choices = values.map((value) => value.split(' or '));
      return Array.from({ length: Math.max(...choices.map(({ length }) => length)) }, (_, row) => ({
        cores: Number(cores),
        memoryBytes: Number(memory) * GIB,
        env: Object.fromEntries(names.map((name, i) => [name, choices[i]![row] ?? choices[i]![0]!])),
      }));
    });
}

test('the tuning table reaches from 1 core and 1 GiB to 32 cores and 64 GiB', () => {
  const machines = tuningRows().map(({ cores, memoryBytes }) => `${cores}, ${memoryBytes / GIB}`);
  for (const machine of ['1, 1', '4, 8', '32, 64']) expect(machines).toContain(machine);
});

test('the doctor has nothing against the settings of the tuning table on their machines', () => {
  const server = {
    APP_ENV: 'prod',
    SECRET_KEY: '7d1f0c9ae2b84356a1d2e3f405162738',
    METADATA_DB_PATH: '/var/lib/reporting/meta.sqlite',
    DUCKDB_PATH: '/var/lib/reporting/local.duckdb',
    RUN_SCHEDULER: '1',
  };
  for (const { env, ...machine } of tuningRows()) {
    const config = readConfig({ ...server, ...env });
    const broken = RULES.filter((rule) => rule.isBroken(config, { ...machine, freeBytes: 1024 * GIB }));
    expect({ machine, says: broken.map(({ says }) => says) }).toEqual({ machine, says: [] });
  }
});

test('what the settings of the tuning table may take together leaves a seventh of the memory, and at most four threads a core', () => {
  for (const { env, cores, memoryBytes } of tuningRows()) {
    const config = readConfig(env);
    const { WEB_CONCURRENCY, THREADS, DUCKDB_THREADS, DUCKDB_MEMORY_LIMIT } = config;
    const duckdb =
      DUCKDB_MEMORY_LIMIT === 0 ? memoryBytes * 0.6 : DUCKDB_MEMORY_LIMIT * (THREADS + 2) * WEB_CONCURRENCY;
    const ofProcess =
      PROCESS_BYTES + config.RESULT_CACHE_BYTES + config.PASSWORD_HASH_CONCURRENCY * HASH_BYTES;
    expect(duckdb + ofProcess * WEB_CONCURRENCY).toBeLessThan((memoryBytes * 6) / 7);
    expect(WEB_CONCURRENCY * THREADS * (DUCKDB_THREADS || cores)).toBeLessThanOrEqual(4 * cores);
  }
});

test('a command goes on where a quote or a backslash says so, and ends before its comment', () => {
  const text = 'a \\\n  b # no\n# none\nc \'d\n# e\' "#f" g#h\n\ni';
  expect(shellCommands(text)).toEqual([
    { line: 0, text: 'a \\\n  b' },
    { line: 3, text: 'c \'d\n# e\' "#f" g#h' },
    { line: 6, text: 'i' },
  ]);
});
