import { statfs } from 'node:fs/promises';
import { AppError } from '../../base/errors.ts';

/** File system numbers of Linux (statfs(2)). A mount through FUSE, such as sshfs, cannot be told from a local one. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
]);

/** statfs(2) gives the number with a sign on some platforms. */
export const networkFileSystemName = (type: number) => NETWORK_FILE_SYSTEMS.get(type >>> 0);

/** SQLite's locks and its shared memory do not hold across hosts. Throws AppError `storage.unusable`. */
export async function refuseNetworkFileSystem(
  folder: string,
  typeOf: (folder: string) => Promise<number> = async (path) => (await statfs(path)).type,
): Promise<void> {
  const name = networkFileSystemName(await typeOf(folder));
  if (name === undefined) return;
  throw new AppError(
    'storage.unusable',
    `METADATA_DB_PATH is on a network file system (${name}), where SQLite loses data; put it on a local disk`,
    { params: { fileSystem: name } },
  );
}
