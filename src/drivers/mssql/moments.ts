const two = (value: number) => (value < 10 ? `0${value}` : String(value));

/** `YYYY-MM-DD` of a count of days since 0001-01-01. After http://howardhinnant.github.io/date_algorithms.html#civil_from_days. */
export function dateText(days: number): string {
  const shifted = days + 306;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** `HH:MM:SS[.fff…]` of units of 10^-scale seconds since midnight, without trailing zeros. */
export function timeText(units: number, scale: number): string {
  const perSecond = 10 ** scale;
  const seconds = Math.floor(units / perSecond);
  const rest = units - seconds * perSecond;
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return rest === 0 ? clock : `${clock}.${String(rest).padStart(scale, '0').replace(/0+$/, '')}`;
}

/** Days from 0001-01-01 to 1900-01-01, where `datetime` and `smalldatetime` begin to count. */
export const DAYS_1900 = 693_595;

/** `datetime` counts 300ths of a second; SQL Server shows them rounded to milliseconds. */
export const ticksToMs = (ticks: number) => Math.round((ticks * 10) / 3);
