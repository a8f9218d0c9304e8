import type { ValueCounts } from './count-values.ts';
import type { Candidates } from './find-candidates.ts';
import type { RawColumn } from './raw-table.ts';
import type { DateOrder, ValueFormat } from './value-format.ts';
import { columnWarning } from './warning.ts';

/** The least share of a column's values that say something of its order. */
const SHARE = 0.99;

/** Whether days or months come first in the dates of a file, from the columns that allow one order only. */
export class FileOrder {
  readonly #day: string[] = [];
  readonly #month: string[] = [];

  constructor(
    columns: readonly RawColumn[],
    candidates: readonly Candidates[],
    counts: readonly ValueCounts[],
    given: ValueFormat | undefined,
  ) {
    for (const [index, { name }] of columns.entries()) {
      const order = orderOf(candidates[index]!.formats, counts[index]!);
      if (order === 'day') this.#day.push(name);
      if (order === 'month') this.#month.push(name);
    }
    this.given = given?.order;
  }

  readonly given: DateOrder | undefined;

  /** The order of all; undefined where no column says it, or two contradict each other. */
  get order(): DateOrder | undefined {
    if (this.given) return this.given;
    if (this.#day.length > 0 === this.#month.length > 0) return undefined;
    return this.#day.length > 0 ? 'day' : 'month';
  }

  /** What to say of a column whose dates could be in both orders. */
  ambiguity(column: string, format: ValueFormat): string {
    const read = `has dates that could be day first or month first; they were read ${format.order} first (${format.id})`;
    const why = this.given ? ', as dateFormat is' : this.#reason(format.order!);
    return columnWarning(
      'dates.ambiguousOrder',
      column,
      read + why,
      `Give "dateFormats" to choose, such as ${example(column, format)}`,
    );
  }

  #reason(order: DateOrder): string {
    if (this.order === undefined)
      return this.#day.length > 0 ? ', though other columns of the file contradict each other' : '';
    const [evidence] = order === 'day' ? this.#day : this.#month;
    return `, as column ${JSON.stringify(evidence)} is`;
  }

  /** Undefined where the columns agree. */
  contradiction(): string | undefined {
    const [day] = this.#day;
    const [month] = this.#month;
    if (day === undefined || month === undefined) return undefined;
    return columnWarning(
      'dates.mixedOrders',
      day,
      `has dates with the day first, column ${JSON.stringify(month)} with the month first`,
      'Check both, and give "dateFormats" if one is wrong',
    );
  }
}

/** The other order in another column's format, which a caller may have meant. */
function example(column: string, { id }: ValueFormat): string {
  const swapped = id.replace(/%([dm])/g, (_, letter: string) => (letter === 'd' ? '%m' : '%d'));
  return JSON.stringify({ [column]: swapped });
}

/** The order that a column's values allow; undefined where both or none. */
function orderOf(
  formats: readonly ValueFormat[],
  { values, fits, plausible }: ValueCounts,
): DateOrder | undefined {
  const most = { day: 0, month: 0 };
  for (const { id, order, pair } of formats) {
    if (!order || (pair === undefined && fits.get(id) !== values)) continue;
    const count = Math.min(fits.get(id) ?? 0, plausible.get(id) ?? Number.POSITIVE_INFINITY);
    most[order] = Math.max(most[order], count);
  }
  if (values === 0 || Math.max(most.day, most.month) < values * SHARE || most.day === most.month)
    return undefined;
  return most.day > most.month ? 'day' : 'month';
}

/** Of formats that all fit, the preferred one, in the file's order; and whether another order fits as well. */
export function inOrder(
  fitting: readonly ValueFormat[],
  order: DateOrder | undefined,
): { format: ValueFormat; isAmbiguous: boolean } | undefined {
  const [first] = fitting;
  if (!first) return undefined;
  const others = fitting.filter(({ pair }) => pair !== undefined && pair === first.pair && first.order);
  const isAmbiguous = others.length > 1;
  return { format: others.find((each) => each.order === order) ?? first, isAmbiguous };
}
