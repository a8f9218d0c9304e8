import { isData, kindOf, type ValueKind } from './value-kinds.ts';

/** Whether a first line holds headings, and whether a person might see it otherwise. */
export interface HeadingGuess {
  header: boolean;
  inDoubt: boolean;
  /** Something beyond words in every field speaks for headings. */
  hasEvidence: boolean;
}

/** Of a column, the share of values that must be of one kind to call it the column's. */
const CLEAR = 0.95;

/** A column's first text and the values below it that are not empty. */
interface Below {
  text: string;
  kind: ValueKind;
  values: string[];
  kinds: Map<ValueKind, number>;
}

const isYear = (text: string) => /^(18|19|20|21)\d\d$/.test(text.trim());
const isWhole = (text: string) => /^\d{1,9}$/.test(text.trim());
const shareOf = <T>(all: readonly T[], test: (each: T) => boolean) =>
  all.length === 0 ? 0 : all.filter(test).length / all.length;

function columnsOf(records: readonly (readonly string[])[]): Below[] {
  const [first = [], ...rest] = records;
  return first.map((text, index) => {
    const values = rest
      .map((record) => record[index]?.trim() ?? '')
      .filter((value) => kindOf(value) !== 'empty');
    const kinds = new Map<ValueKind, number>();
    for (const kind of values.map(kindOf)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    return { text: text.trim(), kind: kindOf(text), values, kinds };
  });
}

/**
 * Positive where the first text is of another kind than the column (a word above numbers says more than a number above words), -1 where it is
 * like its values, 0 where nothing can be said.
 */
function contrast({ text, kind, values, kinds }: Below): number {
  if (kind === 'empty' || values.length === 0) return 0;
  const same = (kinds.get(kind) ?? 0) / values.length;
  if (kind === 'text') {
    if (same <= 1 - CLEAR) return 2;
    return values.includes(text) ? -1 : 0;
  }
  if (same <= 1 - CLEAR) return 1;
  return same >= CLEAR ? -1 : 0;
}

/** Steps between the numbers of some columns, where they are whole and rise evenly. */
function evenStep(texts: readonly string[]): number | undefined {
  if (texts.length < 2 || !texts.every(isWhole)) return undefined;
  const numbers = texts.map(Number);
  const step = numbers[1]! - numbers[0]!;
  return step > 0 && numbers.every((number, i) => i === 0 || number - numbers[i - 1]! === step)
    ? step
    : undefined;
}

const isCount = (texts: readonly string[], step: number | undefined) =>
  step === 1 && texts.length >= 3 && /^0*[01]$/.test(texts[0]!);

/**
 * What speaks for numbers above numbers as headings: years above values that are none, a count from 0 or 1, an even row of five or
 * more. 0 where nothing does.
 */
function labels(
  columns: readonly Below[],
  rest: readonly (readonly string[])[],
  at: readonly number[],
): number {
  const texts = columns.map(({ text }) => text);
  if (new Set(texts).size < texts.length) return 0;
  const below = columns.flatMap(({ values }) => values);
  if (texts.every(isYear)) return shareOf(below, isYear) <= 0.2 ? 2 : 0;
  const step = evenStep(texts);
  const isRegular = isCount(texts, step) || (step !== undefined && texts.length >= 5);
  if (isRegular) {
    const alike = shareOf(
      rest,
      (record) => evenStep(at.map((index) => record[index]?.trim() ?? '')) === step,
    );
    return alike <= 0.5 ? 1 : 0;
  }
  const isAboveFractions = texts.every(isWhole) && shareOf(below, (value) => /[.,]\d/.test(value)) >= 0.8;
  return isAboveFractions && texts.length >= 2 ? 0.5 : 0;
}

/** Whether words of a first line are values of their columns too, and not the headings once more. */
function recurs(columns: readonly Below[], rest: readonly (readonly string[])[]): boolean {
  const votes = columns.map(contrast);
  if (votes.some((vote) => vote > 0) || !votes.some((vote) => vote < 0)) return false;
  const line = JSON.stringify(columns.map(({ text }) => text));
  return !rest.some((record) => JSON.stringify(record.map((text) => text.trim())) === line);
}

/** Of a file of one line: words and years, dates or a count. */
function areLabelsAlone(filled: readonly Below[]): boolean {
  const values = filled.filter(({ kind }) => isData(kind));
  const texts = values.map(({ text }) => text);
  if (values.length === filled.length || new Set(texts).size < texts.length) return false;
  const isRegular = texts.every(isYear) || isCount(texts, evenStep(texts));
  return isRegular || (texts.length > 1 && values.every(({ kind }) => kind === 'time'));
}

const CELLS = 20_000;
const LEAST_ROWS = 20;

/** A guess from the first records; `sample[0]` is the line in question. */
export function guessHeadings(sample: readonly (readonly string[])[]): HeadingGuess {
  const width = Math.max(1, sample[0]?.length ?? 1);
  const records = sample.slice(0, Math.max(LEAST_ROWS, Math.floor(CELLS / width)));
  const columns = columnsOf(records);
  const filled = columns.filter(({ kind, text }) => text !== '' && kind !== 'empty');
  if (filled.length === 0) return { header: false, inDoubt: false, hasEvidence: false };
  const rest = records.slice(1);
  if (!filled.some(({ kind }) => isData(kind))) {
    const hasEvidence = columns.some((column) => contrast(column) > 0);
    return { header: true, inDoubt: recurs(columns, rest), hasEvidence };
  }
  if (rest.length === 0) return { header: areLabelsAlone(filled), inDoubt: true, hasEvidence: false };
  const numbers = columns.flatMap((column, index) =>
    column.kind === 'number' && contrast(column) <= 0 && column.values.length > 0 ? [index] : [],
  );
  const numeric = numbers.map((index) => columns[index]!);
  const label = numbers.length > 0 ? labels(numeric, rest, numbers) : 0;
  let votesFor = label;
  let votesAgainst = 0;
  for (const [index, column] of columns.entries()) {
    if (label > 0 && numbers.includes(index)) continue;
    const vote = contrast(column);
    if (vote > 0) votesFor += vote;
    else votesAgainst -= vote;
  }
  const header = votesFor > votesAgainst;
  const isClear = header ? votesAgainst === 0 && votesFor >= 2 : votesFor === 0;
  return { header, inDoubt: !isClear, hasEvidence: votesFor > 0 };
}
