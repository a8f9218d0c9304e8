import { copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { foldersOf } from '../../src/lake/folders.ts';
import { writeViews } from '../../src/lake/views.ts';
import { openDatabase } from '../../src/store/database.ts';
import { DatasetStore } from '../../src/store/datasets.ts';
import { migrate } from '../../src/store/migrate.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { median, rounded, timed } from './statistics.ts';

export interface ViewsResult {
  datasets: number;
  bytes: number;
  /** All views made. */
  wholeMs: number;
  /** One dataset has another generation. */
  oneMs: number;
  /** Nothing has changed. */
  noneMs: number;
  /** Of all that, what the front does: it asks the metadata. */
  frontMs: number;
}

const COLUMNS = 20;
const AT = '2026-05-04T09:00:00.000Z';

/** One small file in a folder for each dataset. */
async function makeFiles(datasets: string, count: number): Promise<void> {
  await mkdir(datasets);
  const first = join(datasets, 'first.parquet');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const columns = Array.from({ length: COLUMNS }, (_, i) => `range + ${i} AS "column ${i}"`);
  await connection.run(`COPY (SELECT ${columns} FROM range(10)) TO '${first}' (FORMAT parquet)`);
  connection.closeSync();
  for (let n = 0; n < count; n++) {
    const folder = join(datasets, `dst_${n}`);
    await mkdir(folder);
    for (const generation of [1, 2]) await copyFile(first, join(folder, `${generation}-1.parquet`));
  }
}

async function openStore(folder: string, datasets: string, count: number) {
  const path = join(folder, 'meta.sqlite');
  const db = await openDatabase(path);
  await migrate(db, path, silentLog);
  const store = new DatasetStore(db, (id, file) => join(datasets, id, file));
  const columns = Array.from({ length: COLUMNS }, (_, i) => ({
    name: `column ${i}`,
    type: 'integer' as const,
  }));
  for (let n = 0; n < count; n++) {
    const dataset = { id: `dst_${n}`, name: `dataset ${n}`, description: '', createdBy: null };
    await store.create(
      dataset,
      {
        ...{ generation: 1, rowCount: 10, bytes: 1, columns, files: ['1-1.parquet'], rejected: { count: 0 } },
        ...{ warnings: [], sourceName: 'bench', createdBy: null },
      },
      AT,
    );
  }
  return { store, close: () => db.destroy() };
}

/** What a publication costs the file of views, with so many datasets. */
export async function benchViews(count: number, rounds: number): Promise<ViewsResult> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-views-'));
  const { datasets, viewsFile } = foldersOf(join(folder, 'local.duckdb'));
  await makeFiles(datasets, count);
  const { store, close } = await openStore(folder, datasets, count);
  try {
    const write = async (changed: number) => {
      const views = (await store.placed()).map(({ id, name, files }) =>
        id === `dst_${changed}` ? { name, files: [join(datasets, id, '2-1.parquet')] } : { name, files },
      );
      return timed(() => writeViews(viewsFile, { views, asOfMs: Date.now() }));
    };
    const wholeMs = await write(-1);
    const times = { one: [] as number[], none: [] as number[], front: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      times.one.push(await write(round));
      times.none.push(await write(round));
      times.front.push(await timed(() => store.placed()));
    }
    return {
      datasets: count,
      bytes: (await stat(viewsFile)).size,
      wholeMs: Math.round(wholeMs),
      oneMs: rounded(median(times.one), 0),
      noneMs: rounded(median(times.none), 0),
      frontMs: rounded(median(times.front), 1),
    };
  } finally {
    await close();
    await rm(folder, { recursive: true, force: true });
  }
}
