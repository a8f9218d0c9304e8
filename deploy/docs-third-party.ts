import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import packageJson from '../package.json';
import { ROOT } from './sources.ts';

interface Package {
  name: string;
  version: string;
  license?: string;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

const read = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;

/** Where Node would find `name` from a package's folder; undefined where it is not installed. */
function findPackage(name: string, from: string): string | undefined {
  for (let folder = from; folder.startsWith(ROOT); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  return undefined;
}

/** All packages that the program is built from. Native parts, one a platform, belong to the package that asks for them. */
export function runtimePackages(): Package[] {
  const found = new Map<string, Package>();
  const devOnly = new Set(Object.keys(packageJson.devDependencies));
  const visit = (name: string, from: string) => {
    const folder = devOnly.has(name) ? undefined : findPackage(name, from);
    if (folder === undefined || found.has(folder)) return;
    const content = read(folder);
    found.set(folder, content);
    for (const next of Object.keys({ ...content.dependencies, ...content.peerDependencies }))
      visit(next, folder);
  };
  for (const name of Object.keys(packageJson.dependencies)) visit(name, ROOT);
  const order = new Intl.Collator('en').compare;
  return [...found.values()].sort((a, b) => order(a.name, b.name));
}

/** THIRD_PARTY.md. */
export function thirdParty(): string {
  const rows = runtimePackages().map(({ name, version, license }) => {
    if (!license) throw new Error(`${name}@${version} does not say its licence`);
    return `| ${name} | ${version} | ${license} |`;
  });
  return `# Third-party software

The compiled program holds the Bun runtime (MIT; it links JavaScriptCore, LGPL-2) and DuckDB (MIT, in
\`@duckdb/node-bindings\`), and is built from these npm packages. Packages used only in development are not listed.
Written by \`deploy/docs.ts\`.

| Package | Version | Licence |
|---|---|---|
${[...new Set(rows)].join('\n')}
`;
}
