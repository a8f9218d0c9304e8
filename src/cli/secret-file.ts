import { randomBytes, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../base/errors.ts';
import { hasCode } from '../base/system-error.ts';
import type { Config } from '../config.ts';
import { isMetadataUrl } from '../store/postgres/address.ts';

const MIN_LENGTH = 32;

/** What the generated secret is kept beside: the metadata; the local data where the metadata is on a server. */
export const keptBeside = (config: Pick<Config, 'DUCKDB_PATH' | 'METADATA_DB_PATH'>): string =>
  isMetadataUrl(config.METADATA_DB_PATH) ? config.DUCKDB_PATH : config.METADATA_DB_PATH;

const unusable = (says: string) => new AppError('storage.unusable', says);

/** The file that keeps the generated SECRET_KEY of development, beside the metadata. */
export const secretPath = (metadataPath: string) => join(dirname(metadataPath), 'secret.key');

/** The kept secret, or undefined where there is no file. Throws AppError `storage.unusable` when the file is not this user's alone. */
export async function readSecret(path: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    if (hasCode(error, 'ELOOP')) throw unusable(`${path} is a link; it must be a file`);
    throw error;
  });
  if (!file) return undefined;
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw unusable(`${path} must be a file`);
    if (stat.uid !== process.getuid?.()) throw unusable(`${path} belongs to another user`);
    if ((stat.mode & 0o077) !== 0) throw unusable(`${path} can be read by others; run: chmod 600 ${path}`);
    const secret = (await file.readFile('utf8')).trim();
    if (secret.length < MIN_LENGTH) throw unusable(`${path} is too short; remove it, and a new one is made`);
    return secret;
  } finally {
    await file.close();
  }
}

async function writeSecret(path: string, secret: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(`${secret}\n`);
    await file.sync();
    // A link, unlike a rename, never replaces a secret that another process made meanwhile.
    await link(temporary, path);
  } finally {
    await file.close();
    await rm(temporary);
  }
}

/** The secret kept beside the metadata, made when there is none. All processes that start at once get the same one. */
export async function keptSecret(metadataPath: string): Promise<string> {
  const path = secretPath(metadataPath);
  const found = await readSecret(path);
  if (found !== undefined) return found;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await writeSecret(path, randomBytes(32).toString('hex'));
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const secret = await readSecret(path);
  if (secret === undefined) throw unusable(`${path} was removed while the service started`);
  return secret;
}
