import { basename } from 'node:path';
import type { Entry } from 'yauzl';
import { AppError } from '../../base/errors.ts';

/** A file within an archive. */
export interface Member {
  name: string;
  entry: Entry;
}

const SHOWN_MEMBERS = 100;

/** Folders, and what operating systems add to archives: no tables. */
export const isOfThePlatform = (name: string) =>
  name.endsWith('/') ||
  name.startsWith('__MACOSX/') ||
  basename(name).startsWith('.') ||
  /^(thumbs\.db|desktop\.ini)$/i.test(basename(name));

const OFFICE: readonly [RegExp, string][] = [
  [/^xl\/workbook\./, 'a spreadsheet (XLSX)'],
  [/^word\/document\./, 'a Word document'],
  [/^ppt\/presentation\./, 'a presentation'],
  [/^content\.xml$/, 'an OpenDocument file'],
  [/^\[Content_Types\]\.xml$/, 'an Office document'],
  [/^META-INF\/(?:container\.xml|MANIFEST\.MF)$/, 'a packaged program or book'],
];

/** Many programs keep their documents as zip archives. Throws `request.unsupportedMedia` where the names are those of one. */
export function refuseDocument(names: readonly string[]): void {
  const found = OFFICE.find(([pattern]) => names.some((name) => pattern.test(name)));
  if (!found) return;
  throw new AppError(
    'request.unsupportedMedia',
    `The file is ${found[1]}, which is not read; save its table as CSV`,
    { pointer: '/file' },
  );
}

/** The member to load: the one named, or matching the pattern; without either, the only one. Throws AppError. */
export function chooseMember(members: readonly Member[], wanted: string | undefined): Member {
  refuseDocument(members.map(({ name }) => name));
  if (members.length === 0)
    throw new AppError('dataset.empty', 'The zip archive holds no file', { pointer: '/file' });
  const glob = wanted === undefined ? undefined : new Bun.Glob(wanted);
  const exact = members.find(({ name }) => name === wanted);
  const found = exact ? [exact] : members.filter(({ name }) => !glob || glob.match(name));
  if (found.length === 1) return found[0]!;
  const listed = (found.length > 0 ? found : members).map(({ name }) => name);
  const named = listed.slice(0, 5).map((name) => JSON.stringify(name));
  const list = `${named.join(', ')}${listed.length > named.length ? ', …' : ''}`;
  const isOpen = wanted === undefined;
  const matching = isOpen ? '' : ` that match ${JSON.stringify(wanted)}`;
  const detail =
    found.length > 0
      ? `The zip archive holds ${listed.length} files${matching}: ${list}. Each is a table: choose one with "member"`
      : `The zip archive holds no file ${JSON.stringify(wanted)}; it holds ${list}`;
  throw new AppError(isOpen ? 'dataset.badFile' : 'request.invalid', detail, {
    pointer: '/member',
    params: { count: listed.length, members: listed.slice(0, SHOWN_MEMBERS) },
  });
}
