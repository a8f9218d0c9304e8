import type { Column, ColumnType } from '../domain/column.ts';
import { isNumeric } from '../domain/column.ts';
import { fitOf, trimmed, type ValueCounts } from './count-values.ts';
import type { Candidates } from './find-candidates.ts';
import { COMMA, type NumberCounts, type NumberStyle, numberKind, POINT, plain } from './number-format.ts';
import type { RawColumn } from './raw-table.ts';
import { identifier } from './sql-text.ts';
import type { ValueFormat } from './value-formats.ts';

/** How one column is made: its type, its SQL over the raw table, and the test that its values pass. */
export interface ColumnPlan {
  column: Column;
  sql: string;
  /** True for a raw row whose value does not fit; where the caller gave the type, or a few values spoil it. */
  misfit?: string | undefined;
  /** How many values do not fit `misfit`'s type. */
  misfits: number;
  /** The type that was missed by a few values. */
  missed?: ColumnType | undefined;
  warnings: string[];
}

const NEAR_SHARE = 0.01;
const NEAR_COUNT = 1000;

const DAY_FIRST = /^%d([/.-])%m/;
const MONTH_FIRST = /^%m([/.-])%d/;

/**
 * The style of numbers of a file, from the columns that allow one style only; undefined where none says. A column such as `1.234` is
 * then never taken as grouped: its mark is read as the decimal one, and said so.
 */
function fileStyle(counts: readonly ValueCounts[]): NumberStyle | undefined {
  let point = 0;
  let comma = 0;
  for (const { values, numbers } of counts) {
    const fitting = numbers.filter((each) => values > 0 && fitOf(each.counts) === values);
    const [only] = fitting;
    if (fitting.length !== 1 || only!.counts.fixed === 0) continue;
    if (only!.style.decimal === ',') comma++;
    else point++;
  }
  if (point === comma) return undefined;
  return comma > point ? COMMA : POINT;
}

interface NumberReading {
  type: 'integer' | 'decimal' | 'float';
  scale: number;
  precision: number;
}

function readNumbers(counts: NumberCounts, decimalsAreFloats: boolean): NumberReading | undefined {
  const { floats, fixed, beyond, digits, scale } = counts;
  const precision = digits + scale <= 18 ? 18 : 38;
  if (floats > 0) return { type: 'float', scale: 0, precision };
  if (fixed > 0) {
    const exact = !decimalsAreFloats && scale <= 9 && digits + scale <= 38;
    return exact ? { type: 'decimal', scale, precision } : { type: 'float', scale: 0, precision };
  }
  if (beyond === 0) return { type: 'integer', scale: 0, precision };
  return digits <= 38 ? { type: 'decimal', scale: 0, precision: 38 } : undefined;
}

function numberSql(text: string, style: NumberStyle, { type, scale, precision }: NumberReading): string {
  const sqlType =
    type === 'integer' ? 'BIGINT' : type === 'float' ? 'DOUBLE' : `DECIMAL(${precision},${scale})`;
  return `cast(${plain(text, style)} AS ${sqlType})`;
}

export class TypeDecision {
  readonly #style: NumberStyle | undefined;

  /** `usual` is the style to take where no column says which. */
  constructor(
    readonly counts: readonly ValueCounts[],
    usual: NumberStyle | undefined,
  ) {
    this.#style = fileStyle(counts) ?? usual;
  }

  plan(index: number, raw: RawColumn, candidates: Candidates): ColumnPlan {
    const counts = this.counts[index]!;
    if (raw.forced) return this.#forced(raw, counts, candidates);
    const reading =
      this.#number(raw, counts) ??
      this.#format(raw, counts, candidates) ??
      this.#nearMiss(raw, counts, candidates);
    if (reading) return reading;
    const type: ColumnType = raw.reading === 'json' ? 'json' : 'text';
    return textPlan(raw, type);
  }

  #number(raw: RawColumn, { values, numbers }: ValueCounts): ColumnPlan | undefined {
    const fitting = numbers.filter(({ counts }) => values > 0 && fitOf(counts) === values);
    if (fitting.length === 0) return undefined;
    const warnings: string[] = [];
    let { style, counts } = fitting.find((each) => each.style === this.#style) ?? fitting[0]!;
    if (fitting.length === 2 && !this.#style && ambiguous(fitting[0]!.counts, fitting[1]!.counts)) {
      ({ style, counts } = fitting.find((each) => each.counts.fixed > 0) ?? fitting[0]!);
      const mark = style.decimal === '.' ? 'point' : 'comma';
      warnings.push(
        `column ${quoted(raw)} could be read in two ways; the ${mark} was taken as the decimal mark. Give "decimal" to choose`,
      );
    }
    const reading = readNumbers(counts, raw.reading === 'numbers');
    return reading && { ...numberPlan(raw, plainStyle(style, counts), reading), warnings };
  }

  #format(raw: RawColumn, counts: ValueCounts, { formats }: Candidates): ColumnPlan | undefined {
    const fitting = formats.filter((format) => counts.values > 0 && fitsAll(format, counts));
    const [first] = fitting;
    if (!first) return undefined;
    const warnings: string[] = [];
    if (DAY_FIRST.test(first.id) && fitting.some(({ id }) => MONTH_FIRST.test(id)))
      warnings.push(
        `column ${quoted(raw)} has dates that could be day first or month first; they were read day first (${first.id}). Give "dateFormat" to choose`,
      );
    return { ...formatPlan(raw, first), warnings };
  }

  /** A type that all but a few values fit: the column stays text, and the warning says why. */
  #nearMiss(raw: RawColumn, counts: ValueCounts, { formats }: Candidates): ColumnPlan | undefined {
    const few = (fits: number) => {
      const misfits = counts.values - fits;
      return misfits > 0 && misfits <= NEAR_COUNT && misfits <= counts.values * NEAR_SHARE;
    };
    const text = trimmed(raw.source);
    for (const { style, counts: numbers } of counts.numbers) {
      const fits = fitOf(numbers);
      if (!few(fits)) continue;
      const misfit = `${numberKind(text, style, false)} = 0`;
      return { ...textPlan(raw, 'text'), misfit, misfits: counts.values - fits, missed: 'decimal' };
    }
    for (const format of formats) {
      const fits = counts.fits.get(format.id) ?? 0;
      if (!few(fits)) continue;
      return {
        ...textPlan(raw, 'text'),
        misfit: `NOT ${format.test(text)}`,
        misfits: counts.values - fits,
        missed: format.type,
      };
    }
    return undefined;
  }

  #forced(raw: RawColumn, counts: ValueCounts, { formats }: Candidates): ColumnPlan {
    const type = raw.forced!;
    const text = trimmed(raw.source);
    if (type === 'text' || type === 'json') {
      const misfit = type === 'json' ? `${text} IS NOT NULL AND NOT json_valid(${text})` : undefined;
      return { ...textPlan(raw, type), misfit };
    }
    if (isNumeric(type)) return this.#forcedNumber(raw, counts, type);
    const [best] = [...formats].sort((a, b) => (counts.fits.get(b.id) ?? 0) - (counts.fits.get(a.id) ?? 0));
    if (!best) return { ...textPlan(raw, 'text'), misfit: `${text} IS NOT NULL` };
    const plan = formatPlan(raw, best);
    return { ...plan, misfit: `${text} IS NOT NULL AND NOT ${best.test(text)}` };
  }

  #forcedNumber(raw: RawColumn, { numbers }: ValueCounts, type: 'integer' | 'decimal' | 'float'): ColumnPlan {
    const text = trimmed(raw.source);
    const best = [...numbers].sort((a, b) => fitOf(b.counts) - fitOf(a.counts))[0];
    const { style, counts } =
      numbers.find((each) => each.style === this.#style && fitOf(each.counts) === fitOf(best!.counts)) ??
      best!;
    const scale = Math.min(counts.scale, 18);
    const precision = counts.digits + scale <= 18 ? 18 : 38;
    const reading = { type, scale: type === 'decimal' ? scale : 0, precision };
    const plan = numberPlan(raw, style, reading);
    const kinds = { integer: '1, 4', decimal: '1, 2, 4, 5', float: '1, 2, 3, 4, 5' }[type];
    const tooLarge = `${plan.sql.replace(/^cast/, 'try_cast')} IS NULL`;
    return {
      ...plan,
      misfit: `${text} IS NOT NULL AND (${numberKind(text, style, true)} NOT IN (${kinds}) OR ${tooLarge})`,
    };
  }
}

/** A style that takes no marks out where there are none. */
function plainStyle(style: NumberStyle, { grouped, groupedFixed, floats }: NumberCounts): NumberStyle {
  return grouped + groupedFixed + floats === 0 ? { ...style, thousands: '' } : style;
}

const quoted = (raw: RawColumn) => JSON.stringify(raw.name);

/** Both styles fit, but not to the same numbers. */
const ambiguous = (a: NumberCounts, b: NumberCounts) => a.fixed !== b.fixed || a.floats !== b.floats;

function fitsAll(format: ValueFormat, { values, fits, least, greatest }: ValueCounts): boolean {
  if (fits.get(format.id) !== values) return false;
  // `no` alone, or `t` alone, is more likely a word than a truth value.
  return format.type !== 'boolean' || format.id === 'trueFalse' || least !== greatest;
}

const textPlan = (raw: RawColumn, type: 'text' | 'json'): ColumnPlan => ({
  column: { name: raw.name, type },
  sql: identifier(raw.source),
  misfits: 0,
  warnings: [],
});

const formatPlan = (raw: RawColumn, format: ValueFormat): ColumnPlan => ({
  column: { name: raw.name, type: format.type },
  sql: format.cast(trimmed(raw.source)),
  misfits: 0,
  warnings: [],
});

const numberPlan = (raw: RawColumn, style: NumberStyle, reading: NumberReading): ColumnPlan => ({
  column: {
    name: raw.name,
    type: reading.type,
    ...(reading.type === 'decimal' ? { scale: reading.scale } : {}),
  },
  sql: numberSql(trimmed(raw.source), style, reading),
  misfits: 0,
  warnings: [],
});
