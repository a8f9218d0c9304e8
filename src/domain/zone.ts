const DAY_MS = 86_400_000;

/** A time zone's wall clock. A wall time is told as the milliseconds that UTC would show the same digits at. */
export interface Zone {
  wallOf(ms: number): number;
  /** The instant of a wall time: the first of two where it comes twice, the next valid one where it does not exist. */
  instantOf(wallMs: number): number;
}

/** Throws RangeError where there is no such zone. */
export function zoneOf(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });

  function lookedUp(ms: number): number {
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(ms)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((ms % 1000) + 1000) % 1000) - ms;
  }

  /** By day of UTC, the offset at its beginning: a look-up takes longer than all the rest, and no zone changes twice in a day. */
  const offsets = new Map<number, number>();
  function offsetOfDay(day: number): number {
    const known = offsets.get(day);
    if (known !== undefined) return known;
    const found = lookedUp(day * DAY_MS);
    offsets.set(day, found);
    return found;
  }

  function offsetAt(ms: number): number {
    const day = Math.floor(ms / DAY_MS);
    const offset = offsetOfDay(day);
    return offset === offsetOfDay(day + 1) ? offset : lookedUp(ms);
  }

  const wallOf = (ms: number) => ms + offsetAt(ms);

  /** The first instant after `lowMs` at which the offset is no longer that of `lowMs`. */
  function change(lowMs: number, highMs: number): number {
    const before = offsetAt(lowMs);
    let [low, high] = [Math.floor(lowMs / 1000), Math.ceil(highMs / 1000)];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offsetAt(middle * 1000) === before) low = middle;
      else high = middle;
    }
    return high * 1000;
  }

  return {
    wallOf,
    instantOf(wallMs) {
      const offsets = [offsetAt(wallMs - DAY_MS), offsetAt(wallMs + DAY_MS)];
      const candidates = offsets.map((offset) => wallMs - offset).sort((a, b) => a - b);
      const valid = candidates.find((ms) => wallOf(ms) === wallMs);
      return valid ?? change(candidates[0]!, candidates[1]!);
    },
  };
}

/** Days since 1970-01-01 of a wall time or a date. */
export const dayOf = (wallMs: number) => Math.floor(wallMs / DAY_MS);
export const startOfDay = (day: number) => day * DAY_MS;
