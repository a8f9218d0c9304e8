import type { DuckDBConnection } from '@duckdb/node-api';
import { NUMBER_SHAPE } from './number-format.ts';
import { type RawColumn, type RawTable, rows } from './raw-table.ts';
import { someValues } from './some-values.ts';
import { identifier } from './sql-text.ts';
import { givenFormat, VALUE_FORMATS, type ValueFormat } from './value-formats.ts';

/** What a column may be; the count over all rows decides. */
export interface Candidates {
  number: boolean;
  formats: readonly ValueFormat[];
}

const SAMPLE_ROWS = 20_000;
const SAMPLE_CELLS = 2_000_000;
/** Of a sample, the share of values that may miss a format and leave it worth counting, for the warning. */
const MISSES = 0.01;

function known(column: RawColumn, dateFormat: string | undefined): Candidates {
  const given = dateFormat === undefined ? undefined : givenFormat(dateFormat);
  const others = VALUE_FORMATS.filter(({ type }) => !given || (type !== 'date' && type !== 'timestamp'));
  const formats = given ? [...others, given] : others;
  if (column.forced) return { number: true, formats: formats.filter(({ type }) => type === column.forced) };
  switch (column.reading) {
    case 'any':
      return { number: true, formats };
    case 'strings':
      return { number: false, formats: formats.filter(({ type }) => type !== 'boolean') };
    case 'numbers':
      return { number: true, formats: [] };
    case 'booleans':
      return { number: false, formats: formats.filter(({ id }) => id === 'trueFalse') };
    default:
      return { number: false, formats: [] };
  }
}

function narrow(all: Candidates, values: readonly string[]): Candidates {
  const allowed = Math.floor(values.length * MISSES);
  const fits = (shape: RegExp) => {
    let misses = 0;
    for (const value of values) if (!shape.test(value) && ++misses > allowed) return false;
    return true;
  };
  return {
    number: all.number && fits(NUMBER_SHAPE),
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
  dateFormat: string | undefined,
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
    const all = known(column, dateFormat);
    if (!all.number && all.formats.length === 0) {
      found.push(all);
      continue;
    }
    const values = later?.get(column.source) ?? valuesAt(sample, index);
    found.push(
      column.forced || values.length > 0
        ? narrowUnlessForced(column, all, values)
        : { number: false, formats: [] },
    );
  }
  return found;
}

const narrowUnlessForced = (column: RawColumn, all: Candidates, values: readonly string[]) =>
  column.forced ? all : narrow(all, values);

function valuesAt(sample: readonly (readonly (string | null)[])[], index: number): string[] {
  const values: string[] = [];
  for (const row of sample) {
    const value = row[index]?.trim();
    if (value) values.push(value);
  }
  return values;
}
