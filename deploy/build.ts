import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import packageJson from '../package.json';
import { duckdbVersion, TARGETS, type Target, withBindings } from './bindings.ts';
import { duckdbPlugin } from './duckdb-plugin.ts';
import { hashSources, listFiles, ROOT } from './sources.ts';

/** The package's version and, where git knows it, the commit. */
function versionText(): string {
  if (!Bun.which('git')) return packageJson.version;
  const git = Bun.spawnSync(['git', 'rev-parse', '--short=12', 'HEAD'], { cwd: ROOT, stderr: 'ignore' });
  const commit = git.success ? git.stdout.toString().trim() : '';
  return commit ? `${packageJson.version}+${commit}` : packageJson.version;
}

/** Makes one file that holds the program, its workers, DuckDB and Bun. `<outfile>.built-from` says from which sources. */
export async function buildBinary(target: Target, outfile: string): Promise<void> {
  const temporary = `${outfile}.${process.pid}.tmp`;
  const sources = hashSources();
  mkdirSync(dirname(outfile), { recursive: true });
  rmSync(`${outfile}.built-from`, { force: true });
  try {
    await withBindings(target, (bindings) =>
      Bun.build({
        entrypoints: ['src/main.ts', ...listFiles('src/workers/*.worker.ts')].map((path) => join(ROOT, path)),
        root: join(ROOT, 'src'),
        target: 'bun',
        format: 'esm',
        // Names of functions and classes stay: Elysia reads handlers' text, and the log shows stacks.
        minify: { whitespace: true, syntax: true, identifiers: false },
        bytecode: true,
        sourcemap: 'none',
        define: { REPORTING_API_VERSION: JSON.stringify(versionText()) },
        plugins: [duckdbPlugin(bindings, duckdbVersion)],
        compile: {
          target: `bun-${target}`,
          outfile: temporary,
          autoloadDotenv: false,
          autoloadBunfig: false,
        },
      }),
    );
    renameSync(temporary, outfile);
    writeFileSync(`${outfile}.built-from`, `${sources}\n`);
  } finally {
    rmSync(temporary, { force: true });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { target: { type: 'string', default: 'linux-x64' }, outfile: { type: 'string' } },
  });
  const target = TARGETS.find((known) => known === values.target);
  if (!target) throw new Error(`--target must be one of ${TARGETS.join(', ')}`);
  const usual = target === 'linux-x64' ? 'dist/reporting-api' : `dist/reporting-api-${target}`;
  const outfile = resolve(values.outfile ?? join(ROOT, usual));
  await buildBinary(target, outfile);
  process.stdout.write(`${outfile} (${(Bun.file(outfile).size / 2 ** 20).toFixed(0)} MiB)\n`);
}
