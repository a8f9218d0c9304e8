import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { WORKERS } from '../../src/workers/urls.ts';
import { tempFolder } from '../support/server-process.ts';

const ROOT = join(import.meta.dir, '../..');
/** Packages that look for files beside themselves. */
const BESIDE = ['@duckdb/node-api', '@duckdb/node-bindings', '@polyglot-sql/sdk', 'swagger-ui-dist'];

export interface Program extends AsyncDisposable {
  path: string;
}

/** The process of replica.child.ts in few files: it starts in a third of the time, and a test of kills is mostly starts. */
export async function buildReplica(): Promise<Program> {
  const folder = await tempFolder('chaos-program-');
  await symlink(join(ROOT, 'node_modules'), join(folder.path, 'node_modules'));
  await Bun.build({
    entrypoints: [
      join(import.meta.dir, 'replica.child.ts'),
      join(ROOT, 'src/isolation/engine.ts'),
      ...WORKERS.map((name) => join(ROOT, `src/workers/${name}.worker.ts`)),
    ],
    outdir: folder.path,
    target: 'bun',
    // Workers are looked for under the names of their sources.
    naming: '[name].ts',
    external: BESIDE,
  });
  return { path: join(folder.path, 'replica.child.ts'), [Symbol.asyncDispose]: () => folder.remove() };
}
