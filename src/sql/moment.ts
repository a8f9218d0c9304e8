/** A date, or a wall-clock time, or an instant (when an offset is given), as a request spells it in ISO 8601. */
export interface Moment {
  date: Temporal.PlainDate;
  /** Absent when only a date was given. */
  time?: Temporal.PlainTime;
  /** Present when the text had an offset. */
  instant?: Temporal.Instant;
}

const ISO =
  /^(?<date>\d{4}-\d{2}-\d{2})(?:[T ](?<time>[01]\d:[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?|2[0-3]:[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?)(?<offset>Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?$/i;

/** Undefined when the text is no date or time of the years 1 to 9999, to the microsecond at most. */
export function parseMoment(text: string): Moment | undefined {
  const { date: day, time: clock, offset } = ISO.exec(text)?.groups ?? {};
  if (day === undefined || day.startsWith('0000')) return undefined;
  const date = validDate(day);
  if (!date) return undefined;
  if (clock === undefined) return { date };
  const time = Temporal.PlainTime.from(clock);
  if (offset === undefined) return { date, time };
  const instant = instantOf(`${day}T${clock}${offset}`);
  return instant && { date, time, instant };
}

const validDate = (text: string) => orUndefined(() => Temporal.PlainDate.from(text, { overflow: 'reject' }));
const instantOf = (text: string) => orUndefined(() => Temporal.Instant.from(text));

function orUndefined<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * The instant of a wall-clock time in a zone. A time that comes twice is the first of the two; one that daylight saving skips
 * is as much later as was skipped.
 */
export const instantAt = (local: Temporal.PlainDateTime, timezone: string): Temporal.Instant =>
  local.toZonedDateTime(timezone, { disambiguation: 'compatible' }).toInstant();

/** ISO text that engines read: years past 9999 without sign and leading zero. */
export const isoText = (value: Temporal.PlainDate | Temporal.PlainDateTime | Temporal.Instant): string =>
  value.toString().replace(/^\+0?/, '');
