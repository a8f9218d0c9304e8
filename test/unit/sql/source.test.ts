import { expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { raw, sql } from '../../../src/sql/ast.ts';
import { duckdb } from '../../../src/sql/dialects/duckdb.ts';
import { literal } from '../../../src/sql/literal.ts';
import { compileSource } from '../../../src/sql/source.ts';
import { openDatabase } from './duckdb.ts';

test('files are read as one, columns by their names, whatever the folder is called', async () => {
  await using db = await openDatabase();
  const folder = await mkdtemp(joinPath(tmpdir(), "it's; a folder-"));
  try {
    const files = [joinPath(folder, '1-1.parquet'), joinPath(folder, "2-'1.parquet")];
    await db.run(`COPY (SELECT 1 AS a, 'x' AS b) TO ${literal(files[0]!)} (FORMAT parquet)`);
    await db.run(`COPY (SELECT 'y' AS b, 2 AS a, true AS c) TO ${literal(files[1]!)} (FORMAT parquet)`);
    const source = compileSource(files, duckdb);
    expect(await db.rows(sql`SELECT a, b, c FROM ${source} ORDER BY a`)).toEqual([
      [1, 'x', null],
      [2, 'y', true],
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each([
  [null, 0, ''],
  [10, 0, 'LIMIT 10'],
  [null, 5, 'OFFSET 5'],
  [0, 1e300, 'LIMIT 0 OFFSET 9007199254740991'],
])('a page of limit %p and offset %p', async (limit, offset, text) => {
  await using db = await openDatabase();
  const page = duckdb.page(limit, offset, true);
  expect(page.parts.map((part) => (part.kind === 'text' ? part.text : '?')).join('')).toBe(text);
  expect(await db.rows(sql`SELECT 1 WHERE FALSE ${page}`)).toEqual([]);
});

test.each([
  ['UTC', '2024-07-01T12:00:00.5Z'],
  ['Asia/Kolkata', '2024-07-01T17:30:00.5+05:30'],
  ['America/St_Johns', '2024-07-01T09:30:00.5-02:30'],
  ['Pacific/Marquesas', '2024-07-01T02:30:00.5-09:30'],
  ['Pacific/Kiritimati', '2024-07-02T02:00:00.5+14:00'],
])('an instant is shown in %s as %s', async (zone, text) => {
  await using db = await openDatabase();
  const shown = duckdb.shown.timestamptz(raw(`TIMESTAMPTZ '2024-07-01 12:00:00.5Z'`), zone);
  expect(await db.rows(sql`SELECT ${shown}`)).toEqual([[text]]);
});
