import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BunPlugin } from 'bun';

const NAMES = ['libduckdb.so', 'duckdb.node'];

/**
 * `bun build --compile` carries an addon but not the library beside it. So `@duckdb/node-bindings` becomes a module that carries both as
 * assets, unpacks them into one folder (the addon's rpath is $ORIGIN) and loads the addon there.
 */
export function duckdbPlugin(bindings: string, version: string): BunPlugin {
  const files = NAMES.map((name) => {
    const path = join(bindings, name);
    const content = readFileSync(path);
    return { name, path, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
  });
  const digest = createHash('sha256')
    .update(files.map(({ sha256 }) => sha256).join())
    .digest('hex');
  const folder = `duckdb-${version}-${digest.slice(0, 16)}`;
  const embedded = files.map(
    ({ name, bytes, sha256 }, i) => `{ ...${JSON.stringify({ name, bytes, sha256 })}, source: file${i} }`,
  );
  const contents = `
${files.map(({ path }, i) => `import file${i} from ${JSON.stringify(path)} with { type: 'file' };`).join('\n')}
import { cacheBases, withUnpacked } from ${JSON.stringify(join(import.meta.dir, 'embedded-files.ts'))};
const target = { exports: {} };
withUnpacked([${embedded.join(', ')}], 'reporting-api/${folder}', cacheBases(process.env), (folder) =>
  process.dlopen(target, folder + '/duckdb.node'));
module.exports = target.exports;
`;
  return {
    name: 'duckdb',
    setup(build) {
      build.onResolve({ filter: /^@duckdb\/node-bindings$/ }, () => ({ path: folder, namespace: 'duckdb' }));
      build.onLoad({ filter: /.*/, namespace: 'duckdb' }, () => ({ contents, loader: 'js' }));
    },
  };
}
