import { AppError } from '../base/errors.ts';

const codeOf = (error: unknown) => (error instanceof Error ? (error as { code?: string }).code : undefined);

/** A row breaks a UNIQUE or PRIMARY KEY constraint. */
export function isUniqueViolation(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

/** Another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return codeOf(error)?.startsWith('SQLITE_BUSY') === true;
}

/** What SQLite threw, as AppError `storage.full` where the disk is full, else as it is. */
export function storeError(error: unknown): unknown {
  if (codeOf(error) !== 'SQLITE_FULL') return error;
  return new AppError('storage.full', 'There is no room on the disk for the metadata', { cause: error });
}
