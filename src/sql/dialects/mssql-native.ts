import { param, raw, sql } from '../ast.ts';
import type { Form, NativeMoments, NativeType } from '../dialect.ts';
import { isoText } from '../moment.ts';

const converted = (type: string): NativeType => ({ read: (value) => sql`CONVERT(${raw(type)}, ${value})` });

/** Seven digits behind the seconds cut to the six of the language; rounding could leave the day, and the year 9999. */
const toMicroseconds: Form = (value) =>
  sql`DATEADD(nanosecond, -(DATEPART(nanosecond, ${value}) % 1000), ${value})`;

const LAST_YEAR = 9999;
const given = (type: string, text: string) => sql`CAST(${param(text)} AS ${raw(type)})`;

const wall = (type: string): NativeMoments => ({
  notBefore: (at) => (at.year > LAST_YEAR ? undefined : given(type, isoText(at))),
});
const instants = (type: string): NativeMoments => ({
  notBefore: (at) => (at.year > LAST_YEAR ? undefined : given(type, `${isoText(at)}Z`)),
});

/** Moments of a type that holds fewer than the language does: the next that it holds, where it is within the type's years. */
function coarse(
  type: string,
  [first, last]: readonly [string, string],
  next: (at: Temporal.PlainDateTime) => Temporal.PlainDateTime,
): NativeMoments {
  const [least, most] = [Temporal.PlainDateTime.from(first), Temporal.PlainDateTime.from(last)];
  const compare = Temporal.PlainDateTime.compare;
  const text = (at: Temporal.PlainDateTime) => at.toString({ smallestUnit: 'millisecond' });
  return {
    notBefore(at) {
      if (compare(at, least) < 0) return given(type, text(least));
      const found = next(at);
      return compare(found, most) > 0 ? undefined : given(type, text(found));
    },
    exactly: (at) =>
      compare(at, least) >= 0 && compare(at, most) <= 0 && next(at).equals(at)
        ? given(type, text(at))
        : undefined,
  };
}

/** `datetime` counts 300ths of a second and shows them as milliseconds that end in 0, 3 or 7. */
function nextTick(at: Temporal.PlainDateTime): Temporal.PlainDateTime {
  const ms = at.round({ smallestUnit: 'millisecond', roundingMode: 'ceil' });
  const last = ms.millisecond % 10;
  const step = last === 0 ? 0 : last <= 3 ? 3 - last : last <= 7 ? 7 - last : 10 - last;
  return ms.add({ milliseconds: step });
}

const nextMinute = (at: Temporal.PlainDateTime) => at.round({ smallestUnit: 'minute', roundingMode: 'ceil' });

const trimmed: NativeType = { read: (value) => sql`RTRIM(${value})`, isComparable: true };

const FORMS: Readonly<Record<string, NativeType>> = {
  char: trimmed,
  nchar: trimmed,
  // These are neither compared nor counted as they are.
  text: converted('varchar(max)'),
  ntext: converted('nvarchar(max)'),
  xml: converted('nvarchar(max)'),
  sql_variant: converted('nvarchar(max)'),
  image: converted('varbinary(max)'),
  geography: converted('varbinary(max)'),
  geometry: converted('varbinary(max)'),
  hierarchyid: converted('varbinary(892)'),
  // Sums of money are money, whose quotients lose digits.
  money: converted('decimal(19, 4)'),
  smallmoney: converted('decimal(10, 4)'),
  // Since SQL Server 2016 a datetime that is compared with a datetime2 is a number of thirds, such as .0033333.
  datetime: {
    ...converted('datetime2(3)'),
    moments: coarse('datetime', ['1753-01-01T00:00:00', '9999-12-31T23:59:59.997'], nextTick),
  },
  smalldatetime: {
    ...converted('datetime2(0)'),
    moments: coarse('smalldatetime', ['1900-01-01T00:00:00', '2079-06-06T23:59:00'], nextMinute),
  },
  datetime2: { moments: wall('datetime2(6)') },
  'datetime2(7)': { read: toMicroseconds, moments: wall('datetime2(7)') },
  datetimeoffset: { moments: instants('datetimeoffset(6)') },
  'datetimeoffset(7)': { read: toMicroseconds, moments: instants('datetimeoffset(7)') },
  'time(7)': { read: toMicroseconds },
};

/** By the name that the catalog or `sp_describe_first_result_set` has for the type. */
export function mssqlNative(nativeType: string): NativeType | undefined {
  const name = nativeType.toLowerCase();
  return FORMS[name] ?? FORMS[name.replace(/\(.*$/, '')];
}
