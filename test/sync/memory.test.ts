import { expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../support/postgres-server.ts';
import { openSyncKit } from './kit.ts';

const MIB = 1 << 20;
const FEW = 200_000;
const MANY = 2_000_000;

test('many times the rows take little more memory, whole or in increments', async () => {
  await using server = await startPostgres();
  const home = await mkdtemp(join(tmpdir(), 'memory-'));
  try {
    await using kit = await openSyncKit({ home });
    await kit.addDatasource('shop', 'postgres', server);
    const sql = (rows: number) =>
      `SELECT i, md5(i::text) || repeat('x', 60) AS t FROM generate_series(1, ${rows}) AS s (i)`;
    const source = (rows: number) => ({ kind: 'sql' as const, datasource: 'shop', sql: sql(rows) });
    await kit.task({ name: 'few', dataset: 'few', source: source(FEW), mode: 'snapshot' });
    await kit.task({ name: 'many', dataset: 'many', source: source(MANY), mode: 'snapshot' });
    await kit.task({
      name: 'grown',
      dataset: 'grown',
      source: source(MANY / 2),
      mode: 'incremental',
      cursor: { column: 'i' },
      batchRows: 300_000,
    });
    const script = join(import.meta.dir, 'memory.child.ts');
    const child = Bun.spawn({
      cmd: [process.execPath, script, home, 'few', 'many', 'grown'],
      stdout: 'pipe',
      stderr: 'inherit',
    });
    const lines = (await new Response(child.stdout).text()).trim().split('\n');
    const [few, many, grown] = lines.map((line) => JSON.parse(line) as { rowCount: number; peak: number });
    expect([few?.rowCount, many?.rowCount, grown?.rowCount]).toEqual([FEW, MANY, MANY / 2]);
    // DuckDB may have 256 MiB; all rows together have some 200 MB as text.
    expect(many!.peak - few!.peak).toBeLessThan(320 * MIB);
    expect(grown!.peak - few!.peak).toBeLessThan(320 * MIB);
    expect(grown!.peak).toBeLessThan(800 * MIB);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}, 120_000);
