import { AppError } from '../../base/errors.ts';
import type { Reject } from '../rejects.ts';
import type { CsvRecord } from './record-parser.ts';

const FOOTER = 20;
const QUOTES = 'quote= (empty) if quotes are characters like any other';

/** The options that may help with rejected rows, as the end of a sentence. */
export function remediesFor(first: readonly Reject[], rejected: number, rejectedAtEnd: number): string[] {
  const remedies: string[] = [];
  const texts = first.map(({ message }) => message);
  if (rejected > 0 && rejectedAtEnd === rejected && rejected <= FOOTER)
    remedies.push(`skipFooter=${rejected} to leave out the end of the file`);
  const widths = texts.flatMap((text) => {
    const found = /^has (\d+) fields?; (\d+) (?:is|are) expected/.exec(text);
    return found ? [{ fields: Number(found[1]), expected: Number(found[2]) }] : [];
  });
  if (widths.some(({ fields, expected }) => fields < expected))
    remedies.push('fillShort=true to fill short rows with nulls');
  if (widths.some(({ fields, expected }) => fields >= 2 * expected))
    remedies.push('skipLines to leave out lines above the headings');
  if (widths.some(({ fields, expected }) => fields > expected))
    remedies.push('delimiter, quote or escape if the file is written in another way');
  if (texts.some((text) => text.startsWith('has a quoted value'))) remedies.push(...quoteRemedies(first));
  return remedies;
}

const quoteRemedies = (first: readonly Reject[]) =>
  first.some(({ text }) => text?.includes('\\"'))
    ? ['escape=\\ if a backslash stands before quotes']
    : [QUOTES];

const SWALLOWED_LINES = 1000;

/** Throws where a quote that is not closed takes so much of the file that the rest is no answer. */
export function refuseSwallowed({ fault, line, lastLine, raw }: CsvRecord): void {
  const lines = lastLine - line;
  if ((fault !== 'open' && fault !== 'afterQuote') || lines < SWALLOWED_LINES) return;
  const remedy = raw.includes('\\"') ? 'escape=\\ if a backslash stands before quotes' : QUOTES;
  const end = fault === 'open' ? 'does not end' : 'goes on after its closing quote';
  throw new AppError(
    'dataset.badRows',
    `Line ${line} has a quoted value that ${end} and takes the ${lines} lines after it; send ${remedy}`,
    { pointer: '/file', params: { count: 1, rows: [{ line, message: `has a quoted value that ${end}` }] } },
  );
}
