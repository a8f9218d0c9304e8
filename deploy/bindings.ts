import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '@duckdb/node-bindings/package.json';
import { ROOT } from './sources.ts';

export const TARGETS = ['linux-x64', 'linux-arm64'] as const;
export type Target = (typeof TARGETS)[number];

export const duckdbVersion = version;

/** Installs the target's addon alone, in a folder of its own: the package manager leaves out what is not of this machine. */
function fetchInto(folder: string, target: Target): string {
  const name = `@duckdb/node-bindings-${target}`;
  const [os, cpu] = target.split('-') as [string, string];
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: { [name]: version } }));
  const install = Bun.spawnSync([process.execPath, 'install', '--no-save', '--os', os, '--cpu', cpu], {
    cwd: folder,
    stdout: 'pipe',
    stderr: 'pipe',
  });
  if (!install.success)
    throw new Error(
      `${name}@${version} could not be fetched, so there is no ${target} build:\n${install.stderr}`,
    );
  return join(folder, 'node_modules', name);
}

/** Gives `use` the folder with libduckdb.so and duckdb.node of the target. */
export async function withBindings<T>(target: Target, use: (folder: string) => Promise<T>): Promise<T> {
  const installed = join(ROOT, 'node_modules/@duckdb', `node-bindings-${target}`);
  if (existsSync(join(installed, 'duckdb.node'))) return use(installed);
  const folder = mkdtempSync(join(tmpdir(), 'bindings-'));
  try {
    return await use(fetchInto(folder, target));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
