import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { attestFence } from '../../drivers/duckdb/fence.ts';
import { openFenced } from '../../drivers/duckdb/instance.ts';
import { type Finding, finding } from './check.ts';

/** Both sides of changes to and from summer time, and zones with odd offsets. */
const INSTANTS = [
  '2024-01-15T12:00:00Z',
  '2024-03-31T00:59:59Z',
  '2024-03-31T01:00:00Z',
  '2024-11-03T06:30:00Z',
];
const ZONES = ['UTC', 'Europe/Rome', 'Asia/Kolkata', 'America/St_Johns', 'Asia/Riyadh', 'Pacific/Auckland'];

function localByIntl(instant: string, zone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return format.format(new Date(instant));
}

async function zones(connection: DuckDBConnection): Promise<Finding> {
  const wrong: string[] = [];
  for (const zone of ZONES)
    for (const instant of INSTANTS) {
      const sql = `SELECT strftime(TIMESTAMPTZ '${instant}' AT TIME ZONE '${zone}', '%Y-%m-%d %H:%M:%S') AS local`;
      const [row] = (await connection.runAndReadAll(sql)).getRowObjectsJson();
      if (row?.local !== localByIntl(instant, zone)) wrong.push(`${instant} in ${zone}`);
    }
  if (wrong.length === 0)
    return finding('timezones', 'ok', `${ZONES.length} zones agree in DuckDB and in Bun`);
  return finding(
    'timezones',
    'fail',
    `DuckDB and Bun disagree about ${wrong.join(', ')}`,
    'report this: the build is faulty',
  );
}

/** Opens DuckDB in a folder for it, and looks at its fence and its time zones. */
export async function probeDuckdb(root: string): Promise<Finding[]> {
  const [allowed, outside, spill] = ['allowed', 'outside', 'spill'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [allowed, outside, spill]) await mkdir(folder);
  const instance = await openFenced({
    folders: [allowed],
    tempFolder: spill,
    memoryLimitBytes: 256 * 2 ** 20,
    tempMaxBytes: 2 ** 20,
    threads: 1,
  });
  const holes = await attestFence(instance, {
    folder: allowed,
    outsideFile: process.execPath,
    outsideFolder: outside,
  });
  const connection = await instance.connect();
  try {
    const fence = holes.map((hole) =>
      finding('fence', 'fail', `DuckDB escapes its fence: ${hole}`, 'do not run this build'),
    );
    return [
      finding('duckdb', 'ok', 'DuckDB opens'),
      ...(fence.length > 0
        ? fence
        : [finding('fence', 'ok', 'every way out of DuckDB that was tried is refused')]),
      await zones(connection),
    ];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
