/** Time zones by what Intl shows of an instant, and nothing else. All times are microseconds as BigInt. */

const formatters = (() => {
  const known = new Map<string, Intl.DateTimeFormat>();
  return (zone: string) => {
    const format =
      known.get(zone) ??
      new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        era: 'short',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    known.set(zone, format);
    return format;
  };
})();

const floorDiv = (a: bigint, b: bigint) => (a - (((a % b) + b) % b)) / b;

/** How far the zone's wall clock is ahead of UTC at an instant, in microseconds. */
export function offsetAt(instant: bigint, zone: string): bigint {
  if (zone === 'UTC') return 0n;
  const seconds = Number(floorDiv(instant, 1_000_000n));
  const parts = Object.fromEntries(
    formatters(zone)
      .formatToParts(seconds * 1000)
      .map(({ type, value }) => [type, value]),
  );
  const at = (name: string) => Number(parts[name]);
  const local = new Date(0);
  local.setUTCFullYear(parts.era === 'BC' ? 1 - at('year') : at('year'), at('month') - 1, at('day'));
  local.setUTCHours(at('hour'), at('minute'), at('second'));
  return BigInt(local.getTime() / 1000 - seconds) * 1_000_000n;
}

export const toLocal = (instant: bigint, zone: string): bigint => instant + offsetAt(instant, zone);

/** A wall-clock time that comes twice is the first of the two; one that is skipped is as much later as was skipped. */
export function toInstant(local: bigint, zone: string): bigint {
  const day = 86_400_000_000n;
  const before = offsetAt(local - day, zone);
  const after = offsetAt(local + day, zone);
  const fitting = [local - before, local - after].filter((instant) => toLocal(instant, zone) === local);
  if (fitting.length === 0) return local - before;
  return fitting.sort((a, b) => Number(a - b))[0]!;
}

export const dayOf = (local: bigint): number => Number(floorDiv(local, 86_400_000_000n));

export const truncate = (local: bigint, unit: bigint): bigint => floorDiv(local, unit) * unit;

export const dayText = (day: number): string => {
  const [year, rest] = new Date(day * 86_400_000).toISOString().split(/(?<=\d)-(?=\d\d-\d\dT)/);
  return `${year!.replace(/^\+0*/, '')}-${rest!.slice(0, 5)}`;
};

/** `2024-02-29` as days since 1970. */
export const dayNumber = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 86_400_000;

export function localText(local: bigint): string {
  const day = dayOf(local);
  const inDay = local - BigInt(day) * 86_400_000_000n;
  const two = (n: bigint) => String(n).padStart(2, '0');
  const seconds = inDay / 1_000_000n;
  const fraction = String(inDay % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const clock = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  return `${dayText(day)}T${clock}${fraction && `.${fraction}`}`;
}

export function instantText(instant: bigint, zone: string): string {
  if (zone === 'UTC') return `${localText(instant)}Z`;
  const minutes = offsetAt(instant, zone) / 60_000_000n;
  const size = minutes < 0n ? -minutes : minutes;
  const two = (n: bigint) => String(n).padStart(2, '0');
  return `${localText(toLocal(instant, zone))}${minutes < 0n ? '-' : '+'}${two(size / 60n)}:${two(size % 60n)}`;
}
