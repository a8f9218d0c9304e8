import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFenced } from '../../src/drivers/duckdb/instance.ts';
import { surveyCsv } from '../../src/lake/csv/survey.ts';
import type { IngestOptions } from '../../src/lake/jobs.ts';
import { loadFile } from '../../src/lake/load-file.ts';
import { median, rounded } from './statistics.ts';

interface Load {
  rows: number;
  columns: number;
  megabytesPerSecond: number;
  /** Of processor time, all threads. */
  cpuMsPerColumn: number;
  /** The scan that counts records, of the time of the load. */
  scanShare: number;
}

export interface CsvBenchResult {
  plain: Load;
  quoted: Load;
  /** Read through a copy, since its line ends are mixed. */
  rewritten: Load;
  wideRow: Load;
  wide: Load;
}

type Cell = (row: number, column: number) => string;

const NARROW: Cell = (row, column) =>
  [
    `${row}`,
    `Region ${row % 17}`,
    `2024-0${1 + (row % 9)}-1${row % 9}`,
    `${(row % 100_000) / 100}`,
    `some text ${row % 1000}`,
  ][column]!;
const NUMBER: Cell = (row, column) => `${row}.${column % 10}`;

async function write(path: string, rows: number, columns: number, cell: Cell, end: (row: number) => string) {
  await rm(path, { force: true });
  const writer = Bun.file(path).writer();
  writer.write(`${Array.from({ length: columns }, (_, column) => `c${column}`).join(',')}${end(0)}`);
  for (let row = 0; row < rows; row++) {
    writer.write(Array.from({ length: columns }, (_, column) => cell(row, column)).join(',') + end(row));
    if (row % 1000 === 0) await writer.flush();
  }
  await writer.end();
}

async function measure(folder: string, rows: number, columns: number, runs: number): Promise<Load> {
  const staged = join(folder, 'file.csv');
  const { signal } = new AbortController();
  const ingest: IngestOptions = {
    ...{ datasets: folder, uploads: folder, tempFolder: join(folder, 'tmp') },
    ...{ memoryLimitBytes: 1 << 30, tempMaxBytes: 2 ** 32, threads: 2 },
    ...{ maxExpandedBytes: 2 ** 34, maxGzipRatio: 300, maxValueBytes: 1 << 26, maxColumns: 4000 },
  };
  const parts = { target: join(folder, 'out.parquet'), rejected: join(folder, 'rejected') };
  const [walls, cpus, scans]: [number[], number[], number[]] = [[], [], []];
  for (let run = 0; run < runs; run++) {
    const instance = await openFenced({ folders: [folder], ...ingest });
    const connection = await instance.connect();
    const [wall, cpu] = [performance.now(), process.cpuUsage()];
    await loadFile(
      connection,
      { kind: 'load', staged, sourceName: 'file.csv', options: {}, ...parts },
      ingest,
      signal,
    );
    const used = process.cpuUsage(cpu);
    walls.push(performance.now() - wall);
    cpus.push((used.user + used.system) / 1000);
    connection.closeSync();
    instance.closeSync();
    const scan = performance.now();
    await surveyCsv(staged, ',', '"', signal);
    scans.push(performance.now() - scan);
  }
  return {
    rows,
    columns,
    megabytesPerSecond: rounded(Bun.file(staged).size / 1000 / median(walls)),
    cpuMsPerColumn: rounded(median(cpus) / columns),
    scanShare: rounded(median(scans) / median(walls)),
  };
}

/** How fast CSV files are loaded, in this process. */
export async function benchCsv(rows: number, runs: number): Promise<CsvBenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'csv-bench-'));
  await mkdir(join(folder, 'tmp'));
  const lf = () => '\n';
  const load = async (count: number, columns: number, cell: Cell, end: (row: number) => string) => {
    await write(join(folder, 'file.csv'), count, columns, cell, end);
    return measure(folder, count, columns, runs);
  };
  try {
    return {
      plain: await load(rows, 5, NARROW, lf),
      quoted: await load(
        rows,
        5,
        (row, column) => `"${NARROW(row, column)}"`,
        () => '\r\n',
      ),
      rewritten: await load(rows, 5, NARROW, (row) => (row % 2 ? '\r\n' : '\n')),
      wideRow: await load(1, 2000, NUMBER, lf),
      wide: await load(10_000, 2000, NUMBER, lf),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
