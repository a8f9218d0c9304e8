import { Lru } from '../base/lru.ts';
import type { Engine } from '../sql/dialect.ts';
import { type CheckedSelect, type CheckOptions, checkSelect } from '../sql/gate/check-select.ts';
import { loadParser } from '../sql/gate/parser.ts';
import { serve } from './serve.ts';
import type { SqlLimits } from './source-job.ts';

/** A caller's statement to be checked; without `tables` the gate says which may be read. */
export interface CheckJob {
  text: string;
  engine: Engine;
  tables: readonly string[] | undefined;
  limits: SqlLimits;
}

/** Tables without a schema of exactly these names; undefined leaves it to the gate. */
function allowed(tables: readonly string[] | undefined): CheckOptions {
  if (!tables) return {};
  return {
    allowedTables: ({ catalog, schema, name }) =>
      catalog === null && schema === null && tables.includes(name),
  };
}

/** Statements come again with other parameters; checking one takes the parser tens of milliseconds. The memory is an estimate. */
const CHECKED_BYTES = 16 << 20;
const CHECKED_BYTES_PER_CHARACTER = 40;

/** A thread that parses and checks what callers write. */
serve<null, CheckJob, CheckedSelect>(async () => {
  const checked = new Lru<CheckedSelect>(CHECKED_BYTES);
  return async ({ text, engine, tables, limits }) => {
    await loadParser();
    const key = JSON.stringify([engine, text, tables, limits]);
    const known = checked.get(key);
    if (known) return known;
    const found = checkSelect(text, engine, { ...limits, ...allowed(tables) });
    checked.set(key, found, key.length * CHECKED_BYTES_PER_CHARACTER);
    return found;
  };
});
