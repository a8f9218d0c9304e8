import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Glob } from 'bun';

export const ROOT = join(import.meta.dir, '..');

const SOURCES = ['src/**', 'deploy/*.ts', 'package.json', 'bun.lock', 'tsconfig.json'];

/** The paths that match, relative to the repository, in one order everywhere. */
export function listFiles(...patterns: string[]): string[] {
  const paths = patterns.flatMap((pattern) => [...new Glob(pattern).scanSync({ cwd: ROOT, dot: false })]);
  return [...new Set(paths)].sort();
}

/** Tells whether a build was made from these very sources. */
export function hashSources(): string {
  const hash = createHash('sha256').update(Bun.version);
  for (const path of listFiles(...SOURCES)) hash.update(`\0${path}\0`).update(readFileSync(join(ROOT, path)));
  return hash.digest('hex');
}
