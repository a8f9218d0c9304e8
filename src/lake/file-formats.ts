import { AppError } from '../base/errors.ts';
import type { LoadOptions } from '../domain/upload.ts';
import { givenFormat } from './given-format.ts';
import { COMMA, type NumberStyle, POINT } from './number-format.ts';
import { marksOf, type NumberReadings, withGrouping } from './number-marks.ts';
import type { RawColumn } from './raw-table.ts';
import type { ValueFormat } from './value-format.ts';
import { bothOf } from './value-formats.ts';

/** The ways to write values that the caller names. */
export interface GivenFormats {
  date: ValueFormat | undefined;
  booleans: readonly ValueFormat[];
  numbers: NumberReadings;
  /** Whether texts that have marks of numbers may be numbers. */
  takesMarks: boolean;
}

/** The style that the caller gives; undefined to find it out. */
function givenStyle({ decimal, thousands }: LoadOptions): NumberStyle | undefined {
  if (decimal === undefined && thousands === undefined) return undefined;
  const base = (decimal ?? (thousands === '.' ? ',' : '.')) === ',' ? COMMA : POINT;
  return { decimal: base.decimal, thousands: thousands ?? base.thousands };
}

function booleanPair(pair: string): ValueFormat {
  const [yes, no] = pair.split('/').map((word) => word.trim().toLowerCase());
  if (!yes || !no || yes === no)
    throw new AppError(
      'request.invalid',
      `booleans has ${JSON.stringify(pair)}; give two different words, such as Y/N`,
      {
        pointer: '/booleans',
      },
    );
  return bothOf(`${yes}/${no}`, yes, no);
}

export function givenFormats(options: LoadOptions): GivenFormats {
  const isGrouped = options.numberFormats?.includes('grouping') === true;
  const grouped = (style: NumberStyle) => (isGrouped ? withGrouping(style) : style);
  const style = givenStyle(options);
  return {
    date: options.dateFormat === undefined ? undefined : givenFormat(options.dateFormat, '/dateFormat'),
    booleans: (options.booleans ?? []).map(booleanPair),
    numbers: {
      given: style && grouped(style),
      point: grouped(POINT),
      comma: grouped(COMMA),
      marks: marksOf(options.numberFormats),
    },
    takesMarks: options.numberFormats !== undefined,
  };
}

/** Gives the columns that `dateFormats` names their format, and with it their type. */
export function forceDates(columns: RawColumn[], dateFormats: LoadOptions['dateFormats']): RawColumn[] {
  const names = new Set(columns.map(({ name }) => name));
  for (const name of Object.keys(dateFormats ?? {}))
    if (!names.has(name))
      throw new AppError(
        'request.invalid',
        `dateFormats names ${JSON.stringify(name)}, which is not a column of the file`,
        {
          pointer: '/dateFormats',
          params: { columns: [...names].slice(0, 100) },
        },
      );
  return columns.map((column) => {
    if (dateFormats === undefined || !Object.hasOwn(dateFormats, column.name)) return column;
    const pointer = `/dateFormats/${column.name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const format = givenFormat(dateFormats[column.name]!, pointer);
    if (column.forced && column.forced !== format.type)
      throw new AppError(
        'request.invalid',
        `${pointer} gives a ${format.type}, but types asks for ${column.forced}; give both alike, or only one`,
        { pointer },
      );
    return { ...column, forced: format.type, format };
  });
}
