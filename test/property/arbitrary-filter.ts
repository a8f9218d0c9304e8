import fc from 'fast-check';
import type { Condition, Filter, Scalar } from '../../src/domain/filter.ts';
import type { Range } from '../../src/domain/time.ts';
import { decimalText, type OracleColumn } from '../support/oracle/values.ts';
import {
  BIGS,
  CENTS,
  COLUMNS,
  DAYS,
  FLOATS,
  HOURS,
  INSTANTS,
  KEYS,
  TEXTS,
  WIDES,
} from './arbitrary-table.ts';

/** With times that come twice, or never, in one of the zones. */
const locals = [
  ...INSTANTS.map((text) => text.replace('Z', '')),
  '2024-10-27T02:30:00',
  '2024-03-31T02:30:00',
  '2024-11-03T01:15:00',
  '2024-03-10T02:30:00',
];
const wholes: Scalar[] = [
  0,
  1,
  -1,
  2,
  1.5,
  -0.5,
  '3',
  '9007199254740993',
  '9223372036854775807',
  '1e1',
  ...BIGS.map(String),
];
const decimals = [
  0,
  1,
  19.99,
  0.1,
  -2.5,
  '0.10',
  '99999999999999.99',
  ...CENTS.map((cents) => decimalText(cents, 2)),
  ...WIDES.map((wide) => decimalText(wide, 6)).filter((text) => text.replace('-', '').indexOf('.') <= 20),
];

/** Values that a request may give for a field of a type. */
const OPERANDS: Readonly<Record<string, readonly Scalar[]>> = {
  text: TEXTS,
  integer: wholes,
  decimal: decimals,
  float: [...FLOATS, 'NaN', 'Infinity', '0.25', '1e3'],
  boolean: [true, false, 'true'],
  time: HOURS,
  uuid: KEYS,
  date: [...DAYS, ...locals.slice(0, 4)],
  timestamp: [...DAYS, ...locals],
  timestamptz: [...DAYS, ...locals, ...INSTANTS, '2024-10-27T02:30:00+01:00', '2024-10-27 02:30:00+0200'],
};

const PRESETS = [
  'today',
  'yesterday',
  'tomorrow',
  'thisWeek',
  'lastWeek',
  'nextWeek',
  'thisMonth',
  'lastMonth',
  'thisQuarter',
  'lastQuarter',
  'thisYear',
  'lastYear',
  'wtd',
  'mtd',
  'qtd',
  'ytd',
  'endOfWeek',
  'endOfMonth',
  'last7Days',
  'last3Months',
  'last2Years',
];

const range = (type: string): fc.Arbitrary<Range> => {
  const moment = fc.constantFrom(...(OPERANDS[type] as string[]));
  const units = ['day', 'week', 'month', 'quarter', 'year'] as const;
  const clockUnits = type === 'date' ? [] : (['hour', 'minute'] as const);
  return fc.oneof(
    fc.record({ from: moment, to: moment }),
    fc.record({ from: moment }),
    fc.record({ to: moment }),
    fc.record({
      last: fc.record({
        n: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 100 })),
        unit: fc.constantFrom(...units, ...clockUnits),
      }),
      includeCurrent: fc.boolean(),
    }),
    fc.record({
      period: fc.constantFrom(...units),
      offset: fc.integer({ min: -5, max: 3 }),
      span: fc.constantFrom('full' as const, 'toDate' as const, 'end' as const),
      shiftYears: fc.integer({ min: -2, max: 1 }),
    }),
    fc.record({ preset: fc.constantFrom(...PRESETS) }),
  );
};

const ORDER = ['lt', 'lte', 'gt', 'gte'] as const;
const TEXT_OPS = ['contains', 'notContains', 'startsWith', 'endsWith', 'like', 'matches'] as const;
const PATTERNS = ['a', 'A', '%a%', '_', 'a_%', '', '%', 'TOTAL', '100\\%', 'á', 'ß', '\\\\'];
const REGEXES = ['^a', 'A$', '[0-9]+', '^.$', 'o.k', 'to?tal', '', '\\s'];

function conditionsOf({ name: field, type }: OracleColumn): fc.Arbitrary<Condition> {
  const value = fc.constantFrom(...OPERANDS[type]!);
  const values = fc.array(fc.oneof({ weight: 5, arbitrary: value }, fc.constant(null)), { maxLength: 4 });
  const of = (parts: Record<string, fc.Arbitrary<unknown>>) =>
    fc.record(
      { field: fc.constant(field), ...parts },
      {
        requiredKeys: ['field', 'op', 'value', 'values', 'range'].filter(
          (key) => key === 'field' || key in parts,
        ) as never[],
      },
    ) as unknown as fc.Arbitrary<Condition>;
  const isTime = ['date', 'timestamp', 'timestamptz'].includes(type);
  return fc.oneof(
    of({ op: fc.constantFrom('eq', 'ne'), value }),
    of({ op: fc.constantFrom('in', 'notIn'), values }),
    of({ op: fc.constantFrom('isNull', 'isNotNull', 'isEmpty') }),
    ...(type === 'boolean'
      ? []
      : [
          of({ op: fc.constantFrom(...ORDER), value }),
          of({ op: fc.constant('between'), values: fc.tuple(value, value) }),
        ]),
    ...(isTime
      ? [
          of({ op: fc.constantFrom('before', 'after'), value }),
          of({ op: fc.constant('during'), range: range(type) }),
        ]
      : []),
    ...(type === 'text' || type === 'uuid'
      ? [
          of({
            op: fc.constantFrom(...TEXT_OPS.slice(0, 5)),
            value: fc.constantFrom(...PATTERNS),
            caseSensitive: fc.boolean(),
          }),
          of({ op: fc.constant('matches'), value: fc.constantFrom(...REGEXES), caseSensitive: fc.boolean() }),
        ]
      : []),
  );
}

/** One condition over one of the columns. */
export const conditionOver = (columns: readonly OracleColumn[] = COLUMNS): fc.Arbitrary<Condition> =>
  fc.oneof(...columns.map(conditionsOf));

export function filterOver(columns: readonly OracleColumn[] = COLUMNS): fc.Arbitrary<Filter> {
  const leaf = conditionOver(columns) as fc.Arbitrary<Filter>;
  const { tree } = fc.letrec<{ tree: Filter }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { weight: 3, arbitrary: leaf },
      {
        weight: 1,
        arbitrary: fc.record({ and: fc.array(tie('tree'), { maxLength: 3 }) }) as fc.Arbitrary<Filter>,
      },
      {
        weight: 2,
        arbitrary: fc.record({ or: fc.array(tie('tree'), { maxLength: 3 }) }) as fc.Arbitrary<Filter>,
      },
      { weight: 1, arbitrary: fc.record({ not: tie('tree') }) as fc.Arbitrary<Filter> },
    ),
  }));
  return tree;
}
