import type { Column, ColumnType } from '../domain/column.ts';
import { isNumeric } from '../domain/column.ts';
import { fitOf, trimmed, type ValueCounts } from './count-values.ts';
import { FileOrder, inOrder } from './date-order.ts';
import {
  currenciesWarning,
  fileStyle,
  fittingNumbers,
  kindOf,
  mixesCurrencies,
  planForcedNumbers,
  planNumbers,
} from './decide-numbers.ts';
import type { GivenFormats } from './file-formats.ts';
import type { Candidates } from './find-candidates.ts';
import type { NumberStyle } from './number-format.ts';
import type { RawColumn } from './raw-table.ts';
import { identifier } from './sql-text.ts';
import type { ValueFormat } from './value-format.ts';
import { columnWarning } from './warning.ts';

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

export class TypeDecision {
  readonly #decimal: '.' | ',' | undefined;
  readonly #order: FileOrder;

  /** `usual` is the style to take where no column says which. */
  constructor(
    readonly columns: readonly RawColumn[],
    readonly candidates: readonly Candidates[],
    readonly counts: readonly ValueCounts[],
    readonly given: GivenFormats,
    usual: NumberStyle | undefined,
  ) {
    this.#decimal = fileStyle(counts) ?? usual?.decimal;
    this.#order = new FileOrder(columns, candidates, counts, given.date);
  }

  plans(): ColumnPlan[] {
    const plans = this.columns.map((raw, index) =>
      this.#plan(raw, this.candidates[index]!, this.counts[index]!),
    );
    const contradiction = this.#order.contradiction();
    if (contradiction) plans[0]!.warnings.push(contradiction);
    return plans;
  }

  #plan(raw: RawColumn, candidates: Candidates, counts: ValueCounts): ColumnPlan {
    if (raw.forced) return this.#forced(raw, counts, candidates);
    const { marks } = this.given.numbers;
    const numbers = () => {
      const plan = planNumbers(raw, counts, this.#decimal, marks);
      return plan && { ...plan, misfits: 0 };
    };
    const asked = this.#asked(candidates);
    const reading =
      this.#format(raw, counts, asked) ??
      numbers() ??
      this.#format(raw, counts, candidates.formats) ??
      this.#nearMiss(raw, counts, candidates);
    if (reading) return reading;
    const plan = textPlan(raw, raw.reading === 'json' ? 'json' : 'text');
    return { ...plan, warnings: this.#doubts(raw, counts, candidates) };
  }

  /** The formats that the caller names; they come before numbers. */
  #asked({ formats }: Candidates): ValueFormat[] {
    const { date, booleans } = this.given;
    return formats.filter((format) => format === date || booleans.includes(format));
  }

  #format(raw: RawColumn, counts: ValueCounts, formats: readonly ValueFormat[]): ColumnPlan | undefined {
    const fitting = formats.filter((format) => fitsAll(format, counts) && isPlausible(format, counts));
    const found = inOrder(fitting, this.#order.order);
    if (!found) return undefined;
    const warnings = this.#formatWarnings(raw, found);
    if (found.format.type === 'boolean' && fittingNumbers(counts).length > 0)
      warnings.push(
        columnWarning(
          'booleans.fromNumbers',
          raw.name,
          `holds only the numbers ${found.format.id} and was read as true and false`,
          'Give its type in "types" if they are numbers',
        ),
      );
    return { ...formatPlan(raw, found.format), warnings };
  }

  #formatWarnings(
    { name }: RawColumn,
    { format, isAmbiguous }: { format: ValueFormat; isAmbiguous: boolean },
  ): string[] {
    const warnings: string[] = [];
    if (isAmbiguous) warnings.push(this.#order.ambiguity(name, format));
    if (format.hasShortYear && format !== this.given.date)
      warnings.push(
        columnWarning(
          'dates.shortYear',
          name,
          `has years of two digits; it was read as ${format.id} with years from 1969 to 2068`,
          'Give the type text in "types" if they are no dates',
        ),
      );
    return warnings;
  }

  /** A type that all but a few values fit: the column stays text, and the warning says why. */
  #nearMiss(raw: RawColumn, counts: ValueCounts, { formats }: Candidates): ColumnPlan | undefined {
    if (mixesCurrencies(counts)) return undefined;
    const few = (fits: number) => {
      const misfits = counts.values - fits;
      return misfits > 0 && misfits <= NEAR_COUNT && misfits <= counts.values * NEAR_SHARE;
    };
    const text = trimmed(raw.source);
    const { marks } = this.given.numbers;
    for (const { style, counts: numbers } of raw.reading === 'strings' ? [] : counts.numbers) {
      const fits = fitOf(numbers);
      if (!few(fits)) continue;
      const kind = kindOf(text, style, false, marks);
      const misfit = `${kind} = 0`;
      return { ...textPlan(raw, 'text'), misfit, misfits: counts.values - fits, missed: 'decimal' };
    }
    for (const format of formats) {
      const fits = counts.fits.get(format.id) ?? 0;
      if (!few(fits) || (counts.plausible.get(format.id) ?? fits) < fits) continue;
      return {
        ...textPlan(raw, 'text'),
        misfit: `NOT ${format.test(text)}`,
        misfits: counts.values - fits,
        missed: format.type,
      };
    }
    return undefined;
  }

  /** Why a column stays text whose values could be read as something else. */
  #doubts({ name }: RawColumn, counts: ValueCounts, { formats }: Candidates): string[] {
    if (mixesCurrencies(counts))
      return [currenciesWarning(name, 'it was kept as text, as they cannot be added')];
    const doubtful = formats.find((format) => fitsAll(format, counts) && format !== this.given.date);
    if (!doubtful?.plausible) return [];
    const letters = doubtful.id === 'isoDate' ? '%Y-%m-%d' : doubtful.id;
    return [
      columnWarning(
        'dates.doubtful',
        name,
        `has values that could be dates (${letters}) but are more likely codes; it was kept as text`,
        letters.includes('%B')
          ? 'Give their format in "dateFormats" to read dates'
          : `Give "dateFormats" to read dates, such as ${JSON.stringify({ [name]: letters })}`,
      ),
    ];
  }

  #forced(raw: RawColumn, counts: ValueCounts, { formats }: Candidates): ColumnPlan {
    const type = raw.forced!;
    const text = trimmed(raw.source);
    if (type === 'text' || type === 'json') {
      const misfit = type === 'json' ? `${text} IS NOT NULL AND NOT json_valid(${text})` : undefined;
      return { ...textPlan(raw, type), misfit };
    }
    if (isNumeric(type))
      return { ...planForcedNumbers(raw, counts, type, this.#decimal, this.given.numbers.marks), misfits: 0 };
    const fit = ({ id }: ValueFormat) => counts.fits.get(id) ?? 0;
    const most = Math.max(0, ...formats.map(fit));
    const best = inOrder(
      formats.filter((format) => fit(format) === most),
      this.#order.order,
    );
    if (!best) return { ...textPlan(raw, 'text'), misfit: `${text} IS NOT NULL` };
    const warnings = most > 0 && !raw.format ? this.#formatWarnings(raw, best) : [];
    const misfit = `${text} IS NOT NULL AND NOT ${best.format.test(text)}`;
    return { ...formatPlan(raw, best.format), misfit, warnings };
  }
}

function fitsAll(format: ValueFormat, { values, fits, least, greatest }: ValueCounts): boolean {
  if (values === 0 || fits.get(format.id) !== values) return false;
  // `no` alone, or `t` alone, is more likely a word than a truth value.
  return format.type !== 'boolean' || format.id === 'trueFalse' || least !== greatest;
}

const isPlausible = ({ id }: ValueFormat, { values, plausible }: ValueCounts) =>
  (plausible.get(id) ?? values) === values;

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
