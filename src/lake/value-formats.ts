import { DATE_FORMATS } from './date-formats.ts';
import { NAMED_DATES } from './named-dates.ts';
import { literal } from './sql-text.ts';
import { matches, type ValueFormat } from './value-format.ts';

/** Two words for true and false, in any case. */
export function bothOf(id: string, yes: string, no: string): ValueFormat {
  return {
    id,
    type: 'boolean',
    shape: { test: (text) => text.toLowerCase() === yes || text.toLowerCase() === no },
    test: (text) => `lower(${text}) IN (${literal(yes)}, ${literal(no)})`,
    cast: (text) => `lower(${text}) = ${literal(yes)}`,
  };
}

const clock: ValueFormat = {
  id: 'time',
  type: 'time',
  shape: /^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$/,
  test: (text) =>
    `(${matches(text, '\\d{1,2}:\\d{2}(:\\d{2}(\\.\\d{1,6})?)?')} AND try_cast(${text} AS TIME) IS NOT NULL)`,
  cast: (text) => `cast(${text} AS TIME)`,
};

const UUID = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}';

const uuid: ValueFormat = {
  id: 'uuid',
  type: 'uuid',
  shape: new RegExp(`^${UUID}$`),
  test: (text) => `(${matches(text, UUID)} AND try_cast(${text} AS UUID) IS NOT NULL)`,
  cast: (text) => `cast(${text} AS UUID)`,
};

/** All ways that are looked for, the preferred ones first; numbers have their own (number-format.ts). */
export const VALUE_FORMATS: readonly ValueFormat[] = [
  bothOf('trueFalse', 'true', 'false'),
  bothOf('tf', 't', 'f'),
  bothOf('yesNo', 'yes', 'no'),
  ...DATE_FORMATS,
  ...NAMED_DATES,
  clock,
  uuid,
];

/** Ways that are looked for only where the caller asks for truth values. */
export const MORE_BOOLEANS: readonly ValueFormat[] = [bothOf('yn', 'y', 'n'), bothOf('10', '1', '0')];
