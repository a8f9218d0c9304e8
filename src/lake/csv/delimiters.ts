import { scanRecords } from './read-records.ts';
import type { CsvRecord, Syntax } from './record-parser.ts';
import { withoutBlanks } from './title-lines.ts';
import { isData, kindOf } from './value-kinds.ts';

/** Of equals the first is taken. */
export const DELIMITERS = ['\t', '|', ';', ','] as const;

/** Commas stand in texts and numbers too. */
const COMMA_FACTOR = 0.9;

export interface Rated {
  delimiter: string;
  score: number;
}

const CELLS = 20_000;

/** How even the records are. */
interface Evenness {
  width: number;
  share: number;
}

function evenness(counts: ReadonlyMap<number, number>): Evenness {
  let total = 0;
  for (const count of counts.values()) total += count;
  const [width, often] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [1, 0];
  return { width, share: total === 0 ? 0 : often / total };
}

const base = ({ width, share }: Evenness) => (width < 2 ? 0 : share * share * (1 + Math.log2(width) / 10));

/** 0 for a delimiter that does not split. Greater the more records have the same number of fields, and the more these are values. */
export function rate(delimiter: string, records: readonly CsvRecord[]): Rated {
  const counts = new Map<number, number>();
  for (const { fields } of records) counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1);
  const even = evenness(counts);
  const some = records.slice(0, Math.max(20, Math.floor(CELLS / even.width)));
  const fields = some.flatMap((record) => record.fields).filter(({ text }) => text !== '');
  if (fields.length === 0) return { delimiter, score: base(even) };
  const values = fields.filter(({ text }) => isData(kindOf(text))).length / fields.length;
  const prose = fields.filter(({ text, quoted }) => !quoted && text.startsWith(' ')).length / fields.length;
  const broken = records.filter(({ fault }) => fault !== undefined).length / records.length;
  const startsWell = records[0]!.fields.length === even.width ? 1 : 0.5;
  const factor = delimiter === ',' ? COMMA_FACTOR : 1;
  const score = factor * base(even) * (1 + values) * (1 - prose / 2) * (1 - broken) * startsWell;
  return { delimiter, score };
}

const CLOSE = 0.75;

/** Those that come near the best one, best first. */
export function closeOnes(rated: readonly Rated[]): Rated[] {
  const sorted = rated.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score);
  return sorted.filter(({ score }) => score >= sorted[0]!.score * CLOSE);
}

/** Decides between close ones by all records of the file. */
export async function rateWhole(
  path: string,
  close: readonly Rated[],
  syntax: Omit<Syntax, 'delimiter'>,
  skipLines: number,
  signal: AbortSignal,
): Promise<Rated[]> {
  const rated: Rated[] = [];
  for (const { delimiter, score } of close) {
    const counts = new Map<number, number>();
    for await (const batch of scanRecords(path, { ...syntax, delimiter }, skipLines, signal))
      for (const { fields } of withoutBlanks(batch))
        counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1);
    const { share } = evenness(counts);
    rated.push({ delimiter, score: score * share * share });
  }
  return rated.sort((a, b) => b.score - a.score);
}
