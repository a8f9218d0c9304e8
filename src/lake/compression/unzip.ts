import { open, type ZipFile } from 'yauzl';
import { AppError } from '../../base/errors.ts';
import { isOfThePlatform, type Member, refuseDocument } from './choose-member.ts';

const MAX_MEMBERS = 100_000;

const badFile = (detail: string, cause?: unknown) =>
  new AppError('dataset.badFile', detail, { pointer: '/file', cause });

/** What yauzl says of a damaged archive is plain English and names places in it, no content. */
const damaged = (cause: unknown) =>
  badFile(`The zip archive is damaged or cut off: ${(cause as Error).message}`, cause);

/** An archive whose directory was read. */
export interface Archive {
  members: Member[];
  /** Where the bytes of a member stand in the file. */
  placeOf(member: Member): Promise<{ start: number; bytes: number }>;
  close(): void;
}

/** An archive that is cut off has no directory, and may be a document all the same. */
const namesIn = (head: Buffer) => head.toString('latin1').match(/\[?[A-Za-z][\w/-]*\]?\.xml/g) ?? [];

function openFile(path: string): Promise<ZipFile> {
  return new Promise((resolve, reject) =>
    open(path, { lazyEntries: true, autoClose: false }, (error, zip) =>
      error ? reject(damaged(error)) : resolve(zip),
    ),
  );
}

function readMembers(zip: ZipFile): Promise<Member[]> {
  const members: Member[] = [];
  return new Promise((resolve, reject) => {
    zip.on('error', (error) => reject(damaged(error)));
    zip.on('end', () => resolve(members));
    zip.on('entry', (entry) => {
      if (members.length === MAX_MEMBERS)
        return reject(badFile(`The zip archive has more than ${MAX_MEMBERS} members`));
      if (!isOfThePlatform(entry.fileName)) members.push({ name: entry.fileName, entry });
      zip.readEntry();
    });
    zip.readEntry();
  });
}

/** Reads the directory of a zip file. Throws AppError `dataset.badFile`. */
export async function openArchive(path: string, head: Buffer): Promise<Archive> {
  refuseDocument(namesIn(head));
  const zip = await openFile(path);
  try {
    const members = await readMembers(zip);
    return { members, placeOf: (member) => placeOf(zip, member), close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw error;
  }
}

function placeOf(zip: ZipFile, { name, entry }: Member): Promise<{ start: number; bytes: number }> {
  if (entry.isEncrypted())
    throw badFile(`The member ${JSON.stringify(name)} is encrypted; send an archive without a password`);
  return new Promise((resolve, reject) =>
    zip.readLocalFileHeader(entry, { minimal: true }, (error, { fileDataStart } = { fileDataStart: 0 }) =>
      error ? reject(damaged(error)) : resolve({ start: fileDataStart, bytes: entry.compressedSize }),
    ),
  );
}
