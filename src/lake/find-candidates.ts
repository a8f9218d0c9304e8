import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnType } from '../domain/column.ts';
import type { GivenFormats } from './file-formats.ts';
import { NUMBER_SHAPE } from './number-format.ts';
import type { NumberMarks } from './number-marks.ts';
import { type RawColumn, type RawTable, rows } from './raw-table.ts';
import { someValues } from './some-values.ts';
import { identifier } from './sql-text.ts';
import type { ValueFormat } from './value-format.ts';
import { MORE_BOOLEANS, VALUE_FORMATS } from './value-formats.ts';

/** What a column may be; the count over all rows decides. */
export interface Candidates {
  number: boolean;
  formats: readonly ValueFormat[];
}

const SAMPLE_ROWS = 20_000;
const SAMPLE_CELLS = 2_000_000;
/** Of a sample, the share of values that may miss a format and leave it worth counting, for the warning. */
const MISSES = 0.01;

const asked = ({ date, booleans }: GivenFormats) => [...(date ? [date] : []), ...booleans];
const others = ({ date }: GivenFormats) => VALUE_FORMATS.filter(({ id }) => id !== date?.id);

/** All ways in which a type that the caller asks for may be written. */
function formatsOf(type: ColumnType, given: GivenFormats): ValueFormat[] {
  const all = [...asked(given), ...others(given), ...(type === 'boolean' ? MORE_BOOLEANS : [])];
  const fitting = all.filter((format) => format.type === type);
  if (type !== 'timestamp') return fitting;
  const dates = all.filter((format) => format.type === 'date').map(atMidnight);
  return [...fitting, ...dates];
}

const atMidnight = (format: ValueFormat): ValueFormat => ({
  ...format,
  type: 'timestamp',
  cast: (text) => `cast(${format.cast(text)} AS TIMESTAMP)`,
});

function known(column: RawColumn, given: GivenFormats): Candidates {
  if (column.format) return { number: false, formats: [column.format] };
  if (column.forced) return { number: true, formats: formatsOf(column.forced, given) };
  switch (column.reading) {
    case 'any':
      return { number: true, formats: [...asked(given), ...others(given)] };
    case 'strings':
      return {
        number: given.takesMarks,
        formats: [...asked(given), ...others(given).filter(({ type }) => type !== 'boolean')],
      };
    case 'numbers':
      return { number: true, formats: asked(given) };
    case 'booleans':
      return { number: false, formats: VALUE_FORMATS.filter(({ id }) => id === 'trueFalse') };
    default:
      return { number: false, formats: [] };
  }
}

function narrow(all: Candidates, values: readonly string[], marks: NumberMarks | undefined): Candidates {
  const allowed = Math.floor(values.length * MISSES);
  const isNumber = { test: (text: string) => NUMBER_SHAPE.test(text) || marks?.shape.test(text) === true };
  const fits = (shape: ValueFormat['shape']) => {
    let misses = 0;
    for (const value of values) if (!shape.test(value) && ++misses > allowed) return false;
    return true;
  };
  return {
    number: all.number && fits(isNumber),
    formats: all.formats.filter(({ shape }) => fits(shape)),
  };
}

/**
 * Looks at the first rows (and, of a column that is empty there, at its first values) to leave out what a column cannot be. A format
 * is left out only where values of the sample miss it, so what remains holds for the whole file once all rows are counted.
 */
export async function findCandidates(
  connection: DuckDBConnection,
  table: RawTable,
  given: GivenFormats,
): Promise<Candidates[]> {
  const { columns, from } = table;
  const limit = Math.max(100, Math.min(SAMPLE_ROWS, Math.floor(SAMPLE_CELLS / columns.length)));
  const names = columns.map(({ source }) => identifier(source)).join(', ');
  const sample = await rows(connection, `SELECT ${names} FROM ${from} LIMIT ${limit}`);
  const empty = columns.filter(
    ({ reading }, index) => reading !== 'json' && reading !== 'text' && valuesAt(sample, index).length === 0,
  );
  const isCut = sample.length === limit;
  const later = isCut
    ? await someValues(
        connection,
        from,
        empty.map(({ source }) => source),
      )
    : undefined;
  const found: Candidates[] = [];
  for (const [index, column] of columns.entries()) {
    const all = known(column, given);
    if (!all.number && all.formats.length === 0) {
      found.push(all);
      continue;
    }
    const values = later?.get(column.source) ?? valuesAt(sample, index);
    if (column.forced) found.push(narrowForced(all, values));
    else if (values.length > 0) found.push(narrow(all, values, given.numbers.marks));
    else found.push({ number: false, formats: [] });
  }
  return found;
}

/** Of the ways to write a type that the caller asks for, those in which a value of the sample is written. */
function narrowForced(all: Candidates, values: readonly string[]): Candidates {
  const formats = all.formats.filter(({ shape }) => values.some((value) => shape.test(value)));
  return formats.length > 0 ? { ...all, formats } : all;
}

function valuesAt(sample: readonly (readonly (string | null)[])[], index: number): string[] {
  const values: string[] = [];
  for (const row of sample) {
    const value = row[index]?.trim();
    if (value) values.push(value);
  }
  return values;
}
