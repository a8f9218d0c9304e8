import type { Sql } from './ast.ts';
import type { FileDialect } from './dialect.ts';

/** The rows of a dataset's generation. The paths are our own; columns are matched by name over the files. */
export const compileSource = (files: readonly string[], dialect: FileDialect): Sql => dialect.parquet(files);
