import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../../src/sql/dialect.ts';
import type { CheckOptions } from '../../../src/sql/gate/check-select.ts';
import { loadParser } from '../../../src/sql/gate/parser.ts';

export const ENGINES = ['postgres', 'mysql', 'mssql', 'duckdb'] as const satisfies readonly Engine[];

export interface Hostile {
  /** `params.reason` of `query.refused`, or `parse` for `query.syntax`. */
  readonly reason: string;
  readonly text: string;
}

/** Characters that a line cannot show. */
const SIGNS: Record<string, string> = { '⏎': '\n', '␍': '\r', '␀': '\0', '␠': '\u00a0' };
const decode = (line: string) => line.replaceAll(/[⏎␍␀␠]/g, (sign) => SIGNS[sign]!);

const lines = (name: string) =>
  readFileSync(join(import.meta.dir, `${name}.txt`), 'utf8')
    .split('\n')
    .filter((line) => line !== '');

export const hostileOf = (engine: Engine): Hostile[] =>
  lines(engine).map((line) => {
    const cut = line.indexOf(' | ');
    return { reason: line.slice(0, cut), text: decode(line.slice(cut + 3)) };
  });

export const ordinaryOf = (engine: Engine): string[] =>
  [...lines('ordinary-common'), ...lines(`ordinary-${engine}`)].map(decode);

const DATASETS = ['orders', 'customers'];

/** As the service checks: datasets by name, any table of a database. */
export const optionsOf = (engine: Engine): CheckOptions =>
  engine === 'duckdb'
    ? { allowedTables: ({ catalog, schema, name }) => !catalog && !schema && DATASETS.includes(name) }
    : {};

await loadParser();
