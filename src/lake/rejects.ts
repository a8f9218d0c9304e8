import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { AppError } from '../base/errors.ts';
import type { Rejected, RejectedRow } from '../domain/dataset.ts';

export const SHOWN = 100;
const SHOWN_TEXT = 500;

/** A row that was left out, with where it starts in the file, for its order. */
export interface Reject extends RejectedRow {
  start: number;
}

const shown = ({ start: _, text, ...row }: Reject): RejectedRow =>
  text === undefined ? row : { ...row, text: text.slice(0, SHOWN_TEXT).toWellFormed() };

/** Writes every rejected row as one JSON line; gives their number and the first hundred. */
export async function keepRejects(
  path: string,
  rejects: AsyncIterable<Reject> | Iterable<Reject>,
): Promise<Rejected> {
  const output = createWriteStream(path, { mode: 0o640, flush: true });
  const failed = new Promise<never>((_, reject) => output.on('error', reject));
  failed.catch(() => undefined);
  const first: RejectedRow[] = [];
  let count = 0;
  for await (const reject of rejects) {
    if (count++ < SHOWN) first.push(shown(reject));
    const { start: _, ...row } = reject;
    if (!output.write(`${JSON.stringify(row)}\n`)) await Promise.race([once(output, 'drain'), failed]);
  }
  const finished = once(output, 'finish');
  output.end();
  await Promise.race([finished, failed]);
  return { count, rows: first };
}

/** The error of a file that is refused for its bad rows. */
export async function refusal(
  count: number,
  rejects: AsyncIterable<Reject> | Iterable<Reject>,
  remedies: readonly string[] = [],
): Promise<AppError> {
  const first: RejectedRow[] = [];
  for await (const reject of rejects) {
    first.push(shown(reject));
    if (first.length === SHOWN) break;
  }
  const where = first[0] ? `; the first is line ${first[0].line}, which ${first[0].message}` : '';
  const rowsHave = count === 1 ? 'row has' : 'rows have';
  return new AppError(
    'dataset.badRows',
    `${count} ${rowsHave} faults${where}. Send ${[...remedies, 'badRows=keepAside to load the others'].join(', or ')}`,
    { pointer: '/file', params: { count, rows: first } },
  );
}
