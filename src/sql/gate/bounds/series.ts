import { overLimit, type StatementLimits, unbounded } from '../limits.ts';
import { kindOf, numberOf } from './nodes.ts';

const SECOND = 1;
const DAY = 86_400 * SECOND;
const UNITS: Readonly<Record<string, number>> = {
  microsecond: 1e-6,
  millisecond: 1e-3,
  second: SECOND,
  minute: 60,
  hour: 3600,
  day: DAY,
  week: 7 * DAY,
  month: 28 * DAY,
  quarter: 90 * DAY,
  year: 365 * DAY,
  decade: 3652 * DAY,
  century: 36_524 * DAY,
};

function instantOf(value: unknown): number | null {
  const [kind, body] = kindOf(value) ?? [];
  if (kind === 'cast' || kind === 'paren') return instantOf(body!.this);
  if (kind !== 'literal' || typeof body!.value !== 'string' || body!.literal_type === 'number') return null;
  const ms = Date.parse(body!.value);
  return Number.isNaN(ms) ? null : ms / 1000;
}

/** A span of `interval 3 days`, `interval '3 days'` or `to_days(3)` in seconds, at its shortest. */
function spanOf(value: unknown): number | null {
  const [kind, body] = kindOf(value) ?? [];
  if (kind !== 'interval') return null;
  const unit = body!.unit as { unit?: unknown } | undefined | null;
  const given = kindOf(body!.this)?.[1].value;
  const written = `${String(given)} ${unit ? String(unit.unit) : ''}`.trim();
  const [, count, name] = /^(-?\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(written) ?? [];
  const seconds = UNITS[name?.toLowerCase().replace(/s$/, '') ?? ''];
  return count === undefined || seconds === undefined ? null : Number(count) * seconds;
}

const known = (value: unknown): number | null => numberOf(value) ?? instantOf(value);

/** How many values range() or generate_series() has, where it is written with constants. */
export function seriesLength(name: string, args: readonly unknown[]): number | null {
  const bounds = args.length === 1 ? [0, known(args[0])] : [known(args[0]), known(args[1])];
  const step = args.length < 3 ? 1 : (numberOf(args[2]) ?? spanOf(args[2]));
  if (bounds.includes(null) || step === null) return null;
  const [start, stop] = bounds as [number, number];
  if (step === 0) return 0;
  const steps = (stop - start) / step;
  return Math.max(0, name === 'range' ? Math.ceil(steps) : Math.floor(steps) + 1);
}

/** A series in FROM gives its values one after another, so that data may bound it; elsewhere it is one list in memory. */
export function checkSeries(
  name: string,
  args: readonly unknown[],
  isSource: boolean,
  limits: StatementLimits,
): number | null {
  const length = seriesLength(name, args);
  if (length === null && !isSource)
    throw unbounded(
      name,
      'seriesLength',
      `put it in FROM, as in FROM ${name}(…) AS s(value), or write its bounds as constants`,
    );
  if (length !== null && length > limits.seriesLength) throw overLimit('seriesLength', limits);
  return length;
}
