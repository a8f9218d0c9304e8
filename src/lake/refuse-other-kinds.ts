import { AppError } from '../base/errors.ts';

const at = (offset: number, text: string) => (head: string) => head.startsWith(text, offset);

/** Files that are no tables, by their first bytes as Latin-1. */
const KINDS: readonly [string, (head: string) => boolean][] = [
  ['a PDF document', (head) => /^[\s\S]{0,4}%PDF-\d/.test(head)],
  ['an old Office document, such as XLS', at(0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')],
  ['a PNG image', at(0, '\x89PNG\r\n\x1a\n')],
  ['a JPEG image', at(0, '\xff\xd8\xff')],
  ['a GIF image', (head) => /^GIF8[79]a/.test(head)],
  ['a TIFF image', (head) => /^(?:II\*\0|MM\0\*)/.test(head)],
  ['a WebP image, a sound or a film', (head) => /^RIFF[\s\S]{4}(?:WEBP|WAVE|AVI )/.test(head)],
  ['a film', (head) => /^\0\0[\s\S]{2}ftyp/.test(head)],
  ['an RTF document', at(0, '{\\rtf')],
  ['a PostScript document', at(0, '%!PS-')],
  ['a SQLite database; take its tables with "reporting-api import sqlite"', at(0, 'SQLite format 3\0')],
  [
    'a DuckDB database; take its tables with "reporting-api import duckdb"',
    (head) => /^[\s\S]{8}DUCK[\s\S]\0\0\0/.test(head),
  ],
  ['a 7z archive', at(0, '7z\xbc\xaf\x27\x1c')],
  ['a RAR archive', at(0, 'Rar!\x1a\x07')],
  [
    'a tar archive; send its tables one by one, or as a zip archive',
    (head) => /^[\s\S]{257}ustar(?:\0| )/.test(head),
  ],
  ['an Arrow file; write it as Parquet', at(0, 'ARROW1\0\0')],
  ['an Avro file; write it as Parquet', at(0, 'Obj\x01')],
  ['a program', (head) => head.startsWith('\x7fELF') || /^MZ[\s\S]{58}\0\0/.test(head)],
];

const WEB_PAGE = /^(?:<!--[\s\S]*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|table|meta)\b/i;
const XML = /^<(?:\?xml|!doctype)\b/i;

const refusal = (what: string) => {
  const [kind, remedy = 'send its table as CSV, JSON or Parquet'] = what.split('; ');
  return new AppError('dataset.badFile', `The file is ${kind}, not a table; ${remedy}`, {
    pointer: '/file',
    params: { found: kind },
  });
};

/** Throws `dataset.badFile` for a file of another kind than a table, whatever it is named. */
export function refuseOtherKinds(head: Buffer): void {
  const text = head.subarray(0, 512).toString('latin1');
  const found = KINDS.find(([, is]) => is(text));
  if (found) throw refusal(found[0]);
}

/** As refuseOtherKinds, by the beginning of a text. */
export function refuseMarkup(head: string): void {
  if (WEB_PAGE.test(head)) throw refusal('a web page');
  if (XML.test(head)) throw refusal('an XML document');
}
