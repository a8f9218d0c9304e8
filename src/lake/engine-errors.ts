import { AppError } from '../base/errors.ts';
import { FULL, hasCode } from '../base/system-error.ts';

/** A failure of DuckDB or of the file system, by its message or code, as an error for the client. */
export function toAppError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (hasCode(error, ...FULL) || /No space left|failed to offload|max_temp_directory_size/i.test(text))
    return new AppError('storage.full', 'There is no room on the disk', { cause: error });
  if (/^Out of Memory/i.test(text))
    return new AppError('overloaded', 'Loading this takes more memory than DuckDB may use', {
      params: { limit: 'DUCKDB_MEMORY_LIMIT' },
      cause: error,
    });
  if (/^(Invalid Input|Conversion|Out of Range) Error/.test(text))
    return new AppError('dataset.badFile', 'The file cannot be read', { pointer: '/file', cause: error });
  return error;
}
