/** Offsets of a zone from UTC in a span of years, in seconds. */
export interface ZoneOffsets {
  /** Before the first change. */
  first: number;
  changes: readonly { atS: number; offsetS: number }[];
}

export type ZoneTable = (timezone: string, fromYear: number, toYear: number) => ZoneOffsets;

const MAX_KEPT = 100;

/**
 * Offsets of time zones as this program knows them, for engines whose own tables may be missing or know other rules. Outside of the years the
 * nearest offset goes on. Keeps the last zones that were asked for.
 */
export function zoneTable(): ZoneTable {
  const kept = new Map<string, ZoneOffsets>();
  return (timezone, fromYear, toYear) => {
    const key = `${timezone} ${fromYear} ${toYear}`;
    const known = kept.get(key);
    if (known) return known;
    const offsets = offsetsOf(timezone, fromYear, toYear);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(key, offsets);
    return offsets;
  };
}

function offsetsOf(timezone: string, fromYear: number, toYear: number): ZoneOffsets {
  const startOf = (year: number) =>
    Temporal.PlainDate.from({ year, month: 1, day: 1 }).toZonedDateTime('UTC');
  const endMs = startOf(toYear).epochMilliseconds;
  const secondsOf = (at: Temporal.ZonedDateTime) => at.offsetNanoseconds / 1e9;
  const start = startOf(fromYear).withTimeZone(timezone);
  const changes: { atS: number; offsetS: number }[] = [];
  let last = secondsOf(start);
  for (
    let at = start.getTimeZoneTransition('next');
    at && at.epochMilliseconds < endMs;
    at = at.getTimeZoneTransition('next')
  ) {
    const offsetS = secondsOf(at);
    if (offsetS !== last) changes.push({ atS: at.epochMilliseconds / 1000, offsetS });
    last = offsetS;
  }
  return { first: secondsOf(start), changes };
}

/** `+05:30`: whole minutes, as ISO 8601 spells an offset. */
export function offsetText(offsetS: number): string {
  const minutes = Math.floor(Math.abs(Math.floor(offsetS / 60)));
  const two = (value: number) => String(value).padStart(2, '0');
  return `${offsetS < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
