import { AppError } from '../base/errors.ts';
import type { Range } from '../domain/time.ts';
import type { DayUnit } from './periods.ts';

const CALENDAR_UNITS = { Week: 'week', Month: 'month', Quarter: 'quarter', Year: 'year' } as const;

const NAMED: ReadonlyMap<string, Range> = new Map<string, Range>([
  ['today', { period: 'day' }],
  ['yesterday', { period: 'day', offset: -1 }],
  ['tomorrow', { period: 'day', offset: 1 }],
  ...Object.entries(CALENDAR_UNITS).flatMap(([label, period]): [string, Range][] => [
    [`this${label}`, { period }],
    [`last${label}`, { period, offset: -1 }],
    [`next${label}`, { period, offset: 1 }],
    [`endOf${label}`, { period, span: 'end' }],
  ]),
  ['wtd', { period: 'week', span: 'toDate' }],
  ['mtd', { period: 'month', span: 'toDate' }],
  ['qtd', { period: 'quarter', span: 'toDate' }],
  ['ytd', { period: 'year', span: 'toDate' }],
]);

const COUNTED_UNITS: Readonly<Record<string, DayUnit>> = { Day: 'day', ...CALENDAR_UNITS };
const COUNTED = /^last([1-9]\d{0,4})(Day|Week|Month|Quarter|Year)s$/;

/** Every preset by name; `lastNDays` and its like stand for any number. */
export const PRESET_NAMES: readonly string[] = [
  ...NAMED.keys(),
  ...Object.keys(COUNTED_UNITS).map((label) => `lastN${label}s`),
];

/** The composed range that a preset names: `request.invalid` when there is none, `query.not_built` for working days. */
export function presetRange(name: string, pointer: string): Range {
  const named = NAMED.get(name);
  if (named) return named;
  const [, n, label] = COUNTED.exec(name) ?? [];
  const unit = label === undefined ? undefined : COUNTED_UNITS[label];
  if (unit) return { last: { n: Number(n), unit } };
  if (/workingDay/i.test(name))
    throw new AppError('query.not_built', 'Working days are not built yet', { pointer });
  throw new AppError('request.invalid', `There is no such preset; known are ${PRESET_NAMES.join(', ')}`, {
    pointer,
    params: { known: PRESET_NAMES },
  });
}
