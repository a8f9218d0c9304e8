import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedDocuments } from '../../deploy/docs.ts';
import { runtimePackages } from '../../deploy/docs-third-party.ts';
import { ConfigError, readConfig } from '../../src/config.ts';
import { SETTINGS } from '../../src/settings.ts';

const ROOT = join(import.meta.dir, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const documents = await generatedDocuments();

describe('documents written from the code are current (else: bun run docs)', () => {
  test.each([...documents.keys()])('%s', (path) => {
    expect(read(path)).toBe(documents.get(path)!);
  });
});

test('DEPLOY.md and README name no setting that does not exist', () => {
  const known = new Set<string>(Object.keys(SETTINGS));
  // Names of the environment that are not settings of the service.
  for (const other of [
    'ENGINES',
    'REPORTING_API_KEY',
    'TEST_MSSQL_URL',
    'TEST_PROGRAM',
    'TOKEN',
    'CACHE_DIRECTORY',
    'XDG_CACHE_HOME',
    'NODE_EXTRA_CA_CERTS',
    'STATE_DIRECTORY',
    'LICENSE',
    'ARCHITECTURE',
  ])
    known.add(other);
  const named = ['deploy/DEPLOY.md', 'README.md'].flatMap((path) => [
    ...read(path).matchAll(
      /`\$?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|HOST|PORT|IDENT|THREADS|BACKLOG|TIMEOUT|ENGINES)(?:=[^`]*)?`/g,
    ),
  ]);
  expect(named.length).toBeGreaterThan(30);
  expect(named.map((match) => match[1]!).filter((name) => !known.has(name))).toEqual([]);
});

function exampleValues(): Record<string, string> {
  const lines = read('deploy/reporting-api.env.example').split('\n');
  const pairs = lines.filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(pairs.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
}

test('the example of the settings lacks only the secret', () => {
  expect(() => readConfig(exampleValues())).toThrow(ConfigError);
  const config = readConfig({ ...exampleValues(), SECRET_KEY: `${'f3'.repeat(8)}9a7c51e0b2d84f66` });
  expect(config.APP_ENV).toBe('prod');
  expect(config.METADATA_DB_PATH).toBe('/var/lib/reporting/meta.sqlite');
});

test('the commented lines of the example are the defaults', () => {
  const text = read('deploy/reporting-api.env.example');
  const commented = [...text.matchAll(/^#([A-Z_]+)=(.+)$/gm)].map(
    ([, name, value]) => [name!, value!] as const,
  );
  expect(commented.length).toBeGreaterThan(30);
  expect(readConfig(Object.fromEntries(commented))).toEqual(readConfig({}));
});

test('every package in the program has a licence that allows it', () => {
  const allowed = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Unlicense']);
  const packages = runtimePackages();
  expect(packages.map(({ name }) => name)).toContain('@duckdb/node-bindings');
  expect(packages.filter(({ license }) => !allowed.has(license ?? ''))).toEqual([]);
});
