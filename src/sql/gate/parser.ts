import { Dialect, init, isInitialized, parse } from '@polyglot-sql/sdk/manual';
import wasmFile from '@polyglot-sql/sdk/polyglot_sql.wasm' with { type: 'file' };
import { AppError } from '../../base/errors.ts';
import type { Engine } from '../dialect.ts';

const DIALECTS: Record<Engine, Dialect> = {
  postgres: Dialect.PostgreSQL,
  mysql: Dialect.MySQL,
  mssql: Dialect.TSQL,
  duckdb: Dialect.DuckDB,
};

export type Parsed =
  | { readonly ok: true; readonly statements: readonly unknown[] }
  /** `offset` counts UTF-16 units of the text; null where the parser does not say. */
  | { readonly ok: false; readonly tooComplex: boolean; readonly offset: number | null };

/**
 * Compiles the parser, once a thread (about half a second and 100 MB; so call it where SQL is checked, not at start).
 * The compiled program carries the file within itself.
 */
export async function loadParser(): Promise<void> {
  if (isInitialized()) return;
  // The type knows URLs only; bytes are taken too, and spare a fetch of an embedded file.
  const bytes: unknown = await Bun.file(wasmFile).arrayBuffer();
  await init({ wasmUrl: bytes as URL });
}

const COMPLEX = /E_GUARD|call stack|WASM parse failed/i;

function offsetOf(text: string, scalars: number | undefined): number | null {
  if (scalars === undefined) return null;
  let offset = 0;
  for (let seen = 0; seen < scalars && offset < text.length; seen += 1) {
    offset += text.codePointAt(offset)! > 0xffff ? 2 : 1;
  }
  return offset;
}

export function parseSql(text: string, engine: Engine): Parsed {
  if (!isInitialized()) throw new AppError('internal', 'The SQL parser is not loaded');
  const result = parse(text, DIALECTS[engine]);
  if (result.success) return { ok: true, statements: result.ast };
  const tooComplex = COMPLEX.test(result.error ?? '');
  // The text is one line, so a column is an offset.
  const column = result.errorColumn === undefined ? undefined : Math.max(0, result.errorColumn - 1);
  return { ok: false, tooComplex, offset: offsetOf(text, result.errorStart ?? column) };
}
