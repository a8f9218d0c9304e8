import { dirname, resolve, sep } from 'node:path';
import { AppError } from '../base/errors.ts';
import type { Config } from '../config.ts';
import { isMetadataUrl } from '../store/postgres/address.ts';

const PATHS = ['METADATA_DB_PATH', 'DUCKDB_PATH'] as const;

/** What is wrong with a path, by the code of the system. */
const PATH_FAULTS: Readonly<Record<string, (user: number | undefined) => string>> = {
  EACCES: (user) =>
    `may not be used by this user (uid ${user}): give its folder to the user of the service, or name another place`,
  EPERM: (user) => `may not be changed by this user (uid ${user}): give it to the user of the service`,
  EROFS: () => 'is on a read-only disk: remount it writable, or name another place',
  ENOSPC: () => 'does not fit: the disk is full',
  ENOENT: () => 'cannot be made: a folder above it is missing and cannot be made either',
  EEXIST: () => 'is a file where a folder must be',
  ENOTDIR: () => 'cannot be made: a name above it is a file, not a folder',
};

const isBelow = (path: string, folder: string) => path === folder || path.startsWith(folder + sep);

/** The settings that lead to a path. */
function settingsOf(path: string, config: Config): string[] {
  return PATHS.filter((name) => {
    const folder = dirname(resolve(config[name]));
    return !isMetadataUrl(config[name]) && (isBelow(path, folder) || isBelow(folder, path));
  });
}

const isOfLoader = (error: unknown) => (error as NodeJS.ErrnoException).syscall === 'dlopen';

/** In words, where a start failed for a reason that a setting, or who has the right to, can change. */
export function failureText(error: unknown, config: Config): string | undefined {
  const { code = '', path } = error as NodeJS.ErrnoException;
  const says = PATH_FAULTS[code];
  if (path !== undefined && says) {
    const settings = settingsOf(resolve(path), config);
    const where = settings.length > 0 ? `${settings.join(', ')}: ` : '';
    return `${where}${path} ${says(process.getuid?.())}`;
  }
  const port = `port ${config.PORT} on ${config.HOST}`;
  switch (code) {
    case 'EADDRINUSE':
      return `The ${port} is in use: stop what listens there, or choose another with PORT=…`;
    case 'EACCES':
      return `The ${port} may not be opened by this user: choose one above 1023 with PORT=…, behind Nginx`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST=${config.HOST} is not an address of this machine`;
    default:
      return error instanceof AppError || isOfLoader(error) ? (error as Error).message : undefined;
  }
}
