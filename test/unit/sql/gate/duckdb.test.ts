import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { openFenced } from '../../../../src/drivers/duckdb/instance.ts';
import { bindNamed } from '../../../../src/sql/gate/bind-named.ts';
import { checkSelect } from '../../../../src/sql/gate/check-select.ts';
import { hostileOf, optionsOf, ordinaryOf } from '../../../support/hostile/corpus.ts';
import { fixtureOf, PARAMS } from '../../../support/hostile/fixture.ts';

let root: string;
let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'gate-'));
  for (const name of ['allowed', 'spill']) mkdirSync(join(root, name));
  instance = await openFenced({
    folders: [join(root, 'allowed')],
    tempFolder: join(root, 'spill'),
    memoryLimitBytes: 256 * 2 ** 20,
    tempMaxBytes: 2 ** 20,
    threads: 1,
  });
  connection = await instance.connect();
  for (const statement of fixtureOf('duckdb')) await connection.run(statement);
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
  rmSync(root, { recursive: true });
});

async function answerOf(text: string, values: (string | number)[] = []) {
  const reader = await connection.runAndReadAll(text, values);
  return { names: reader.columnNames(), rows: reader.getRowsJson() };
}

const valuesOf = (names: readonly string[], lacking: Record<string, string | number> = {}) =>
  Object.fromEntries(names.map((name) => [name, { ...PARAMS, ...lacking }[name]!]));

test('ordinary statements answer what their text answers without the gate', async () => {
  for (const text of ordinaryOf('duckdb')) {
    const checked = checkSelect(text, 'duckdb', optionsOf('duckdb'));
    const statement = bindNamed(checked, valuesOf(checked.params, { lo: 1 }));
    const answer = await answerOf(statement.text, statement.params as (string | number)[]);
    if (checked.params.length === 0) expect(answer).toEqual(await answerOf(text));
  }
});

/** Paths that a hostile statement could read or write, and what would tell that it did. */
test('behind the gate the fence holds: no hostile statement reads or writes a file', async () => {
  const files = hostileOf('duckdb').filter(({ text }) =>
    /\/etc|\/tmp\/|https?:|s3:|httpfs|glob\(|read_|\.(?:csv|json|parquet|db|shp|xlsx)/.test(text),
  );
  expect(files.length).toBeGreaterThan(80);
  for (const { text } of files) {
    const other = await instance.connect();
    const result = await other.runAndReadAll(text).then(
      (reader) => JSON.stringify(reader.getRowsJson()),
      (error: unknown) => error,
    );
    other.closeSync();
    if (typeof result === 'string') expect(result).not.toMatch(/root:|passwd/);
    else expect(result).toBeInstanceOf(Error);
  }
  expect(readdirSync(join(root, 'allowed'))).toEqual([]);
});
