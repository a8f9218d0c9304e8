import type { Column } from '../domain/column.ts';
import { fitOf, type MarkCounts, type NumbersFound, trimmed, type ValueCounts } from './count-values.ts';
import { type NumberCounts, type NumberStyle, numberKind, plain } from './number-format.ts';
import { bind, type NumberMarks } from './number-marks.ts';
import type { RawColumn } from './raw-table.ts';
import { columnWarning } from './warning.ts';

type NumberType = 'integer' | 'decimal' | 'float';

interface Reading {
  type: NumberType;
  scale: number;
  precision: number;
}

/** A column of numbers: what it becomes, its SQL, and what to say of it. */
export interface NumberPlan {
  column: Column;
  sql: string;
  warnings: string[];
}

/** Digits after the point that a decimal keeps; what has more is a float. */
const MAX_SCALE = 18;
const MAX_DIGITS = 38;
/** A value in hundredths has two digits more behind the point. */
const PERCENT_DIGITS = 2;

/** What a text that may have marks is as a number; SQL. */
export const kindOf = (
  text: string,
  style: NumberStyle,
  isRelaxed: boolean,
  marks: NumberMarks | undefined,
) =>
  marks
    ? bind(marks.unmarked(text), 'n', numberKind('n', style, isRelaxed))
    : numberKind(text, style, isRelaxed);

export const fittingNumbers = ({ values, numbers }: ValueCounts): NumbersFound[] =>
  numbers.filter(({ counts }) => values > 0 && fitOf(counts) === values);

/**
 * The style of numbers of a file, from the columns that allow one style only; undefined where none says. A column such as `1.234` is
 * then never taken as grouped: its mark is read as the decimal one, and said so.
 */
export function fileStyle(counts: readonly ValueCounts[]): '.' | ',' | undefined {
  let point = 0;
  let comma = 0;
  for (const each of counts) {
    const [only, ...others] = fittingNumbers(each);
    if (!only || others.length > 0 || only.counts.fixed === 0) continue;
    if (only.style.decimal === ',') comma++;
    else point++;
  }
  if (point === comma) return undefined;
  return comma > point ? ',' : '.';
}

function read(counts: NumberCounts, isFloatUsual: boolean, hasPercents: boolean): Reading | undefined {
  const { floats, fixed, beyond, digits, inexact } = counts;
  const scale = counts.scale + (hasPercents ? PERCENT_DIGITS : 0);
  const precision = digits + scale <= 18 ? 18 : 38;
  const float = { type: 'float', scale: 0, precision } as const;
  if (floats > 0) return float;
  if (fixed > 0 || hasPercents) {
    const isExact = scale <= MAX_SCALE && digits + scale <= MAX_DIGITS - (hasPercents ? PERCENT_DIGITS : 0);
    return isExact && !(isFloatUsual && inexact === 0) ? { type: 'decimal', scale, precision } : float;
  }
  if (beyond === 0) return { type: 'integer', scale: 0, precision };
  return digits <= MAX_DIGITS ? { type: 'decimal', scale: 0, precision: 38 } : undefined;
}

/** A style that takes no marks out where there are none. */
const plainStyle = (style: NumberStyle, { grouped, groupedFixed, floats }: NumberCounts): NumberStyle =>
  grouped + groupedFixed + floats === 0 ? { ...style, thousands: '' } : style;

function numberSql(
  text: string,
  style: NumberStyle,
  reading: Reading,
  marks: NumberMarks | undefined,
): string {
  const { type, scale, precision } = reading;
  const number = plain(marks ? marks.unmarked(text) : text, style);
  const sqlType = { integer: 'BIGINT', float: 'DOUBLE', decimal: `DECIMAL(${precision},${scale})` }[type];
  if (!marks || type === 'integer') return `cast(${number} AS ${sqlType})`;
  const hundredths =
    type === 'float'
      ? `cast(${number} AS DOUBLE) / 100`
      : `cast(${number} AS DECIMAL(36,${Math.max(0, scale - PERCENT_DIGITS)})) * cast(0.01 AS DECIMAL(2,2))`;
  return `cast(CASE WHEN ${marks.isPercent(text)} THEN ${hundredths} ELSE cast(${number} AS ${sqlType}) END AS ${sqlType})`;
}

const numberPlan = (
  raw: RawColumn,
  sql: string,
  { type, scale }: Reading,
  warnings: string[],
): NumberPlan => ({
  column: { name: raw.name, type, ...(type === 'decimal' ? { scale } : {}) },
  sql,
  warnings,
});

/** Both styles fit, but not to the same numbers. */
const areAmbiguous = (a: NumberCounts, b: NumberCounts) => a.fixed !== b.fixed || a.floats !== b.floats;

const hasMarks = (marks: MarkCounts | undefined, counts: NumberCounts) =>
  (marks?.marked ?? 0) + counts.grouped + counts.groupedFixed > 0;

export const mixesCurrencies = ({ numbers }: ValueCounts) =>
  numbers.some(({ marks }) => (marks?.kinds ?? 0) > 1);

export const currenciesWarning = (name: string, done: string) =>
  columnWarning(
    'numbers.currencies',
    name,
    `has amounts in several currencies; ${done}`,
    'Put each currency in a column of its own, or its code in another column',
  );

/** A column whose values are all numbers; undefined where they are not, or must not be read so. */
export function planNumbers(
  raw: RawColumn,
  counts: ValueCounts,
  usual: '.' | ',' | undefined,
  marks: NumberMarks | undefined,
): NumberPlan | undefined {
  const fitting = fittingNumbers(counts).filter(
    // A JSON string is no number unless it has the marks that the caller speaks of.
    (each) => raw.reading !== 'strings' || hasMarks(each.marks, each.counts),
  );
  if (fitting.length === 0 || mixesCurrencies(counts)) return undefined;
  const warnings: string[] = [];
  let found = fitting.find(({ style }) => style.decimal === usual) ?? fitting[0]!;
  if (fitting.length === 2 && !usual && areAmbiguous(fitting[0]!.counts, fitting[1]!.counts)) {
    found = fitting.find((each) => each.counts.fixed > 0) ?? fitting[0]!;
    const mark = found.style.decimal === '.' ? 'point' : 'comma';
    const seen = `could be read in two ways; the ${mark} was taken as the decimal mark`;
    warnings.push(columnWarning('numbers.decimalMark', raw.name, seen, 'Give "decimal" to choose'));
  }
  const reading = read(found.counts, raw.reading === 'numbers', (found.marks?.percents ?? 0) > 0);
  if (!reading) return undefined;
  const used = found.marks && found.marks.marked > 0 ? marks : undefined;
  const sql = numberSql(trimmed(raw.source), plainStyle(found.style, found.counts), reading, used);
  warnings.push(...valueWarnings(raw.name, counts.values, found, reading.type));
  return numberPlan(raw, sql, reading, warnings);
}

const some = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'value' : 'values'}`;

/** What the values of a column are that a sum over them would hide. */
function valueWarnings(
  name: string,
  values: number,
  { counts, marks }: NumbersFound,
  type: NumberType,
): string[] {
  const warnings: string[] = [];
  const warn = (code: string, seen: string, remedy: string) =>
    warnings.push(columnWarning(code, name, seen, remedy));
  if (counts.notFinite > 0)
    warn(
      'numbers.notFinite',
      `has ${some(counts.notFinite)} of NaN or infinity; sums and means over them are NaN or infinite`,
      'Name them in "nullValues" to read them as null',
    );
  if (type === 'float' && counts.inexact > 0)
    warn(
      'numbers.inexact',
      `has ${some(counts.inexact)} with more digits than a float holds; they were rounded`,
      'Give the type text in "types" to keep every digit, or decimal for up to 18 after the point',
    );
  if (!marks) return warnings;
  if (marks.kinds > 1) warnings.push(currenciesWarning(name, 'they were read as plain numbers, as asked'));
  if (marks.percents > 0 && marks.percents < values)
    warn(
      'numbers.mixedPercent',
      `has ${some(marks.percents)} with % and ${some(values - marks.percents)} without; 5% was read as 0.05, 5 as 5`,
      'Write all alike, or give the type text in "types"',
    );
  if (marks.kinds === 1 && marks.currencies < values)
    warn(
      'numbers.mixedCurrency',
      `has ${some(marks.currencies)} with the currency ${marks.currency} and ${some(values - marks.currencies)} without; all were read as numbers`,
      'Give the type text in "types" if they are of several currencies',
    );
  return warnings;
}

/** A column that the caller asks to be of numbers, with the test that its bad values pass. */
export function planForcedNumbers(
  raw: RawColumn,
  { numbers, values }: ValueCounts,
  type: NumberType,
  usual: '.' | ',' | undefined,
  marks: NumberMarks | undefined,
): NumberPlan & { misfit: string } {
  const text = trimmed(raw.source);
  const best = [...numbers].sort((a, b) => fitOf(b.counts) - fitOf(a.counts))[0]!;
  const found =
    numbers.find((each) => each.style.decimal === usual && fitOf(each.counts) === fitOf(best.counts)) ?? best;
  const { style, counts } = found;
  const hasPercents = (found.marks?.percents ?? 0) > 0;
  const scale = Math.min(counts.scale + (hasPercents ? PERCENT_DIGITS : 0), MAX_SCALE);
  const precision = counts.digits + scale <= 18 ? 18 : 38;
  const reading = { type, scale: type === 'decimal' ? scale : 0, precision };
  const sql = numberSql(text, style, reading, marks);
  const kinds = { integer: '1, 4', decimal: '1, 2, 4, 5', float: '1, 2, 3, 4, 5' }[type];
  const kind = kindOf(text, style, true, marks);
  const isTooLarge = `${sql.replace(/\bcast\(/g, 'try_cast(')} IS NULL`;
  const isWholePercent = marks && type === 'integer' ? ` OR ${marks.isPercent(text)}` : '';
  return {
    ...numberPlan(raw, sql, reading, valueWarnings(raw.name, values, found, type)),
    misfit: `${text} IS NOT NULL AND (${kind} NOT IN (${kinds})${isWholePercent} OR ${isTooLarge})`,
  };
}
