import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isMetadataUrl } from '../../store/postgres/address.ts';
import { networkFileSystemName } from '../../store/sqlite/network-file-system.ts';
import { type Check, type CheckedConfig, type Finding, finding } from './check.ts';

const GIB = 2 ** 30;

const exists = (path: string) =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );

async function nearestExisting(path: string): Promise<string> {
  let folder = path;
  while (!(await exists(folder))) folder = dirname(folder);
  return folder;
}

/** What to do so that a folder can be written; undefined where it can. */
const writingHelp = (path: string, user: number) =>
  access(path, constants.W_OK | constants.X_OK).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EACCES') return `chown it to the user of the service (${user})`;
      if (error.code === 'EROFS')
        return 'its disk is read-only: remount it writable, or name it in ReadWritePaths= of the unit';
      throw error;
    },
  );

async function ownership(name: string, path: string): Promise<Finding> {
  const user = process.getuid?.() ?? 0;
  const folder = await nearestExisting(path);
  const help = await writingHelp(folder, user);
  if (help !== undefined) return finding(name, 'fail', `${folder} cannot be written`, help);
  if (folder !== path) return finding(name, 'ok', `${path} will be made at start`);
  const { uid, mode } = await stat(path);
  const permissions = (mode & 0o777).toString(8);
  if (uid !== user)
    return finding(
      name,
      'warn',
      `${path} belongs to user ${uid}, this runs as ${user}`,
      'run as the user of the service',
    );
  if ((mode & 0o002) !== 0)
    return finding(name, 'fail', `${path} can be written by everyone (${permissions})`, `chmod 750 ${path}`);
  return finding(name, 'ok', `${path} is ours and writable (${permissions})`);
}

/** `isShared`: hosts whose metadata is on a server may share the folder. */
async function medium(name: string, path: string, isShared = false): Promise<Finding[]> {
  const { type, bavail, bsize } = await statfs(await nearestExisting(path));
  const network = networkFileSystemName(type);
  const free = Number(bavail) * Number(bsize);
  const room = `${(free / GIB).toFixed(1)} GiB free for ${path}`;
  const state = free < GIB / 4 ? 'fail' : free < 5 * GIB ? 'warn' : 'ok';
  return [
    network === undefined
      ? finding(name, 'ok', `${path} is on a local file system`)
      : isShared
        ? finding(name, 'ok', `${path} is on a network file system (${network}), which hosts may share`)
        : finding(name, 'fail', `${path} is on a network file system (${network})`, 'use a local disk'),
    finding(
      'disk',
      state,
      room,
      state === 'ok' ? undefined : 'make room, or move the folder to a larger disk',
    ),
  ];
}

/** The folders that hold data: that of the metadata, unless a server has it, and that of the datasets. */
function dataFolders(config: CheckedConfig) {
  const data = dirname(resolve(config.DUCKDB_PATH));
  const isFile = !isMetadataUrl(config.METADATA_DB_PATH);
  return {
    metadata: isFile ? dirname(resolve(config.METADATA_DB_PATH)) : undefined,
    datasets: join(data, 'datasets'),
  };
}

export const foldersCheck: Check = {
  name: 'folders',
  async run(config) {
    const { metadata, datasets } = dataFolders(config);
    const findings = await Promise.all([
      ...(metadata === undefined ? [] : [ownership('folders', metadata)]),
      ownership('folders', datasets),
      ...(config.BACKUP_DIR === undefined ? [] : [ownership('folders', resolve(config.BACKUP_DIR))]),
      ...(metadata === undefined ? [] : [medium('folders', metadata)]),
      ...(dirname(datasets) === metadata
        ? []
        : [medium('folders', dirname(datasets), metadata === undefined)]),
    ]);
    return findings.flat();
  },
};
