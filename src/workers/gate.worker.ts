import { AppError } from '../base/errors.ts';
import { Lru } from '../base/lru.ts';
import type { Engine } from '../sql/dialect.ts';
import { type CheckedSelect, type CheckOptions, checkSelect } from '../sql/gate/check-select.ts';
import { loadParser } from '../sql/gate/parser.ts';
import { serve } from './serve.ts';
import type { SqlAllowed, SqlLimits } from './source-job.ts';

/** A caller's statement to be checked. */
export interface CheckJob {
  text: string;
  engine: Engine;
  allowed: SqlAllowed;
  limits: SqlLimits;
}

/** What a dataset could be called, and no file, URL or table of the engine's own is. */
const DATASET_LIKE = /^(?!(?:pg|duckdb|sqlite)_)[^/.:*]+$/i;

function missingDataset(name: string, datasets: readonly string[]): AppError {
  const other = datasets.find((each) => each.toLowerCase() === name.toLowerCase());
  const hint =
    other === undefined
      ? 'SQL without a datasource reads datasets by their names; GET /api/datasets lists them'
      : `did you mean ${JSON.stringify(other)}? Names count upper and lower case`;
  return new AppError('resource.notFound', `There is no dataset ${JSON.stringify(name)}: ${hint}`, {
    pointer: '/sql',
    params: { dataset: name },
  });
}

/** Tables without a schema of exactly these names; without them it is left to the gate's rule for databases. */
function optionsOf({ tables, scope, functions }: SqlAllowed): CheckOptions {
  if (!tables) return { ...(scope && { scope }), ...(functions && { functions }) };
  return {
    allowedTables({ catalog, schema, name }) {
      if (catalog !== null || schema !== null) return false;
      if (tables.includes(name)) return true;
      if (DATASET_LIKE.test(name)) throw missingDataset(name, tables);
      return false;
    },
  };
}

/** Statements come again with other parameters; checking one takes the parser tens of milliseconds. The memory is an estimate. */
const CHECKED_BYTES = 16 << 20;
const CHECKED_BYTES_PER_CHARACTER = 40;

/** A thread that parses and checks what callers write. */
serve<null, CheckJob, CheckedSelect>(async () => {
  const checked = new Lru<CheckedSelect>(CHECKED_BYTES);
  let loaded: Promise<void> | undefined;
  const load = async () => {
    await loadParser();
    // Copies of its 22 MB that only loading needed would stay for long.
    Bun.gc(true);
  };
  return async ({ text, engine, allowed, limits }) => {
    loaded ??= load();
    await loaded;
    const key = JSON.stringify([engine, text, allowed, limits]);
    const known = checked.get(key);
    if (known) return known;
    const found = checkSelect(text, engine, { ...limits, ...optionsOf(allowed) });
    checked.set(key, found, key.length * CHECKED_BYTES_PER_CHARACTER);
    return found;
  };
});
