import { AppError } from '../base/errors.ts';

const codeOf = (error: unknown) => (error instanceof Error ? (error as { code?: string }).code : undefined);

const UNIQUE_VIOLATIONS = new Set(['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', '23505']);

/** A row breaks a UNIQUE or PRIMARY KEY constraint, on either engine. */
export function isUniqueViolation(error: unknown): boolean {
  return UNIQUE_VIOLATIONS.has(codeOf(error) ?? '');
}

/** The name of a datasource, model, … that another has. */
export const nameTaken = (noun: string, name: string, cause?: unknown) =>
  new AppError('resource.conflict', `There is a ${noun} named ${JSON.stringify(name)} already`, {
    pointer: '/name',
    params: { name },
    cause,
  });

/** Writes a row whose name is unique among its like. Throws AppError `resource.conflict` when it is taken. */
export async function uniquely<T>(noun: string, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw isUniqueViolation(cause) ? nameTaken(noun, name, cause) : cause;
  }
}

/** Another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'storage.busy' || code?.startsWith('SQLITE_BUSY') === true;
}

/** What SQLite threw, as AppError `storage.full` where the disk is full, else as it is. */
export function storeError(error: unknown): unknown {
  if (codeOf(error) !== 'SQLITE_FULL') return error;
  return new AppError('storage.full', 'There is no room on the disk for the metadata', { cause: error });
}

const UNWRITTEN = new Set(['run.fenced', 'resource.conflict', 'resource.notFound', 'storage.full']);

/**
 * Whether it is certain that a transaction which failed with this error wrote nothing. A connection that is lost while it commits tells
 * nobody whether it has.
 */
export function isUnwritten(error: unknown): boolean {
  return error instanceof AppError && UNWRITTEN.has(error.code);
}
