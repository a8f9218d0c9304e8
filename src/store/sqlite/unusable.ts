import { statSync } from 'node:fs';
import { AppError } from '../../base/errors.ts';

type Words = readonly [code: RegExp, says: string];

/** What is wrong with the bytes of a file, by the code of SQLite. */
const DAMAGED: readonly Words[] = [
  [/^SQLITE_NOTADB/, 'is no SQLite database; name another, or restore a backup'],
  [/^SQLITE_CORRUPT/, 'is damaged; restore a backup'],
];

/** What else keeps a file from being used, by the code of SQLite or of the system. */
const CLOSED: readonly Words[] = [
  [/^EISDIR$/, 'is a folder; it must be a file'],
  [
    /^(?:SQLITE_(?:READONLY|CANTOPEN|PERM)|EACCES$|EPERM$|EROFS$)/,
    'cannot be written; with its -wal, its -shm and its folder it must belong to the user of the service',
  ],
];

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

function inWords(words: readonly Words[], path: string, error: unknown): unknown {
  const { code: own = '' } = error as { code?: string };
  const code = /^SQLITE_(?:CANTOPEN|IOERR)/.test(own) && isFolder(path) ? 'EISDIR' : own;
  const says = words.find(([pattern]) => pattern.test(code))?.[1];
  return says === undefined ? error : new AppError('storage.unusable', `${path} ${says}`, { cause: error });
}

/** The error as AppError `storage.unusable` where it says that the file at a path is no database, or a damaged one; else the error. */
export const damaged = (path: string, error: unknown) => inWords(DAMAGED, path, error);

/** The same, also where the file cannot be opened or written. */
export const unusable = (path: string, error: unknown) => inWords([...DAMAGED, ...CLOSED], path, error);
