import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { temporaryName } from './folders.ts';
import { syncPath } from './read-chunks.ts';
import { identifier, list } from './sql-text.ts';

/**
 * Makes the DuckDB file whose views are the current generations, for the `duckdb` shell and other tools, and puts it in the place of
 * the one before. A dataset whose name differs from another's in case only gets a number, for DuckDB's names know no case.
 */
export async function writeViews(
  viewsFile: string,
  views: readonly { name: string; files: readonly string[] }[],
): Promise<void> {
  const temporary = join(dirname(viewsFile), temporaryName());
  try {
    const instance = await DuckDBInstance.create(temporary, {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      threads: '1',
      memory_limit: '256MB',
    });
    const connection = await instance.connect();
    const used = new Set<string>();
    for (const { name, files } of views) {
      let free = name;
      for (let n = 2; used.has(free.toLowerCase()); n++) free = `${name}_${n}`;
      used.add(free.toLowerCase());
      await connection.run(
        `CREATE VIEW ${identifier(free)} AS SELECT * FROM read_parquet(${list(files)}, union_by_name = true)`,
      );
    }
    await connection.run('CHECKPOINT');
    connection.closeSync();
    instance.closeSync();
    await syncPath(temporary);
    await rename(temporary, viewsFile);
    await syncPath(dirname(viewsFile));
  } finally {
    await rm(temporary, { force: true });
    await rm(`${temporary}.wal`, { force: true });
  }
}
