import { isNotFarAhead } from './date-formats.ts';
import { fold, folded, MONTHS, monthOfWord } from './month-names.ts';
import { literal } from './sql-text.ts';
import { matches, type ValueFormat } from './value-format.ts';

/** Weekday and comma before a date, as mails write it. */
const WEEKDAY = '(?:\\p{L}+\\.?,? )?';
const MONTH = '(?<m>\\p{L}{3,})\\.?';
const DAY = '(?<d>\\d{1,2})';
const ORDINAL = '(?:\\.|º|°|st|nd|rd|th|er)?';
const BETWEEN = '(?: de | del | of |[ ./-]|, )';
const CLOCK = '(?<t>\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,6})?)?)(?: ?(?<h>[ap])\\.?m\\.?)?';
const ZONE = '(?: ?(?<z>z|utc|gmt|[+-]\\d{2}:?\\d{2}))';

/** The parts of a date with its month's name, over a folded text. */
const SHAPES = [
  { id: '%d %B %Y', pattern: `${WEEKDAY}${DAY}${ORDINAL}${BETWEEN}${MONTH}${BETWEEN}(?<y>\\d{4})` },
  { id: '%d %B %y', pattern: `${DAY}[ ./-]${MONTH}[ ./-]'?(?<y>\\d{2})`, hasShortYear: true },
  { id: '%B %d %Y', pattern: `${WEEKDAY}${MONTH}[ ./-]${DAY}(?:st|nd|rd|th)?(?:,? |[./-])(?<y>\\d{4})` },
  { id: '%Y %B %d', pattern: `(?<y>\\d{4})\\.?[ ./-]${MONTH}[ ./-]${DAY}\\.?` },
] as const;

const TYPES = [
  { type: 'date', sqlType: 'DATE', suffix: '', after: '' },
  { type: 'timestamp', sqlType: 'TIMESTAMP', suffix: ' %H:%M:%S', after: `(?:,? |:)${CLOCK}` },
  { type: 'timestamptz', sqlType: 'TIMESTAMPTZ', suffix: ' %H:%M:%S %z', after: `(?:,? |:)${CLOCK}${ZONE}` },
] as const;

/** The first group of each name in a pattern, and the pattern without names, as DuckDB takes them. */
function groupsOf(pattern: string) {
  const names = [...pattern.matchAll(/\(\?<(\w)>/g)].map(([, name]) => name!);
  return { names, plain: pattern.replace(/\(\?<\w>/g, '(') };
}

/** The text of a date in ISO's form, as far as its month is one; SQL over a text that matches. */
function isoText(text: string, pattern: string): string {
  const { names, plain } = groupsOf(pattern);
  const part = (name: string) =>
    `regexp_extract(${folded(text)}, ${literal(`^${plain}$`)}, ${names.indexOf(name) + 1})`;
  const year = `CASE WHEN length(${part('y')}) = 4 THEN ${part('y')} WHEN ${part('y')} >= '69' THEN '19' || ${part('y')} ELSE '20' || ${part('y')} END`;
  const date = `(${year}) || '-' || ${monthOfWord(part('m'))} || '-' || lpad(${part('d')}, 2, '0')`;
  if (!names.includes('t')) return date;
  const clock = `CASE WHEN ${part('h')} = '' THEN ${part('t')} ELSE strftime(try_strptime(${part('t')} || ' ' || ${part('h')} || 'm', ['%I:%M %p', '%I:%M:%S %p']), '%H:%M:%S') END`;
  const timed = `${date} || ' ' || (${clock})`;
  if (!names.includes('z')) return timed;
  return `${date} || ' ' || strftime(cast((${clock}) AS TIME) + DATE '2000-01-01', '%H:%M:%S.%f') || CASE WHEN ${part('z')} IN ('z', 'utc', 'gmt') THEN '+00:00' ELSE ${part('z')} END`;
}

const quickLook = /\d.*\p{L}{3}|\p{L}{3}.*\d/u;

function shapeOf(pattern: string): ValueFormat['shape'] {
  const whole = new RegExp(`^${pattern}$`, 'u');
  return {
    test(text) {
      if (text.length > 80 || !quickLook.test(text)) return false;
      const word = whole.exec(fold(text))?.groups?.m;
      return word !== undefined && MONTHS.has(word);
    },
  };
}

/** Dates with the name of the month, in any of the languages of the table. */
export const NAMED_DATES: readonly ValueFormat[] = SHAPES.flatMap((shape) =>
  TYPES.map(({ type, sqlType, suffix, after }): ValueFormat => {
    const pattern = shape.pattern + after;
    const { plain } = groupsOf(pattern);
    const hasShortYear = 'hasShortYear' in shape;
    const cast = (text: string) => `cast(${isoText(text, pattern)} AS ${sqlType})`;
    return {
      id: shape.id + suffix,
      type,
      shape: shapeOf(pattern),
      test: (text) =>
        `(${matches(folded(text), plain)} AND try_cast(${isoText(text, pattern)} AS ${sqlType}) IS NOT NULL)`,
      cast,
      ...(hasShortYear ? { hasShortYear, plausible: (text: string) => isNotFarAhead(cast(text)) } : {}),
    };
  }),
);
