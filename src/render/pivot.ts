import type { Column } from '../domain/column.ts';
import { type ColumnData, NULL } from '../domain/column-data.ts';
import type { AxisDetail, Numbers, RowFormat } from '../domain/query-result.ts';
import type { AxisLayout } from '../pivot/layout.ts';
import { ByteWriter } from './byte-writer.ts';
import { columnsJson } from './rows.ts';
import { csvText, csvValues, jsonValues, type WriteValue } from './values.ts';

/** An axis of a finished pivot. `members[d]` holds, for each header, the member of dimension d; headers shorter than d have none. */
export interface PivotAxis {
  dimensions: readonly Column[];
  layout: AxisLayout;
  members: readonly ColumnData[];
}

/** A finished pivot: `cells[m]` holds measure m at `row * columns + column`, and `hasRows` there whether rows are behind it. */
export interface Pivot {
  rows: PivotAxis;
  columns: PivotAxis;
  measures: readonly Column[];
  cells: readonly ColumnData[];
  hasRows: Uint8Array;
}

const headerCount = ({ layout }: PivotAxis) => layout.level.length;

function writeAxis(axis: PivotAxis, out: ByteWriter, numbers: Numbers): void {
  const { dimensions } = axis;
  out.text(
    `{"levels":${JSON.stringify(dimensions.map(({ name }) => name))},"types":${JSON.stringify(dimensions.map(({ type }) => type))},"labels":${JSON.stringify(dimensions.map(({ name, label }) => label ?? name))},"formats":${JSON.stringify(dimensions.map(({ format }) => format ?? null))},"members":[`,
  );
  const values = axis.members.map((column) => jsonValues(column, out, numbers));
  const { level } = axis.layout;
  for (let header = 0; header < level.length; header++) {
    out.text(header === 0 ? '[' : ',[');
    for (let d = 0; d < level[header]!; d++) {
      if (d > 0) out.text(',');
      values[d]!(header);
    }
    out.text(']');
  }
  out.text(`],"level":[${level.join(',')}]}`);
}

/** The pivot as API.md shapes it, left open for `,"meta":{…}}`. */
export function pivotJson(
  pivot: Pivot,
  detail: { rows: AxisDetail; columns: AxisDetail },
  numbers: Numbers,
): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(1024 * 1024);
  out.text('{"rows":');
  writeAxis(pivot.rows, out, numbers);
  out.text(',"columns":');
  writeAxis(pivot.columns, out, numbers);
  out.text(`,"measures":${columnsJson(pivot.measures)},"cells":[`);
  const values = pivot.cells.map((column) => jsonValues(column, out, numbers));
  const rowCount = headerCount(pivot.rows);
  const columnCount = headerCount(pivot.columns);
  for (let row = 0, cell = 0; row < rowCount; row++) {
    out.text(row === 0 ? '[' : ',[');
    for (let column = 0; column < columnCount; column++, cell++) {
      for (let m = 0; m < values.length; m++) {
        if (column > 0 || m > 0) out.byte(COMMA);
        values[m]!(cell);
      }
    }
    out.text(']');
  }
  out.text(`],"detail":${JSON.stringify(detail)},"totals":"complete"`);
  return out.take();
}

const COMMA = 44;

interface LongWriters {
  dimension(axis: PivotAxis): WriteValue[];
  cells: WriteValue[];
  missing: string;
}

/** One row a cell that has rows behind it or was filled: both axes' members, both levels, the measures. */
function writeLong(pivot: Pivot, out: ByteWriter, writers: LongWriters, open: string, close: string): number {
  const rowValues = writers.dimension(pivot.rows);
  const columnValues = writers.dimension(pivot.columns);
  const rowLevel = pivot.rows.layout.level;
  const columnLevel = pivot.columns.layout.level;
  const { length: columnCount } = columnLevel;
  let written = 0;
  const axis = (values: WriteValue[], level: number, header: number) => {
    for (let d = 0; d < values.length; d++) {
      if (d < level) values[d]!(header);
      else out.text(writers.missing);
      out.byte(COMMA);
    }
  };
  for (let row = 0, cell = 0; row < rowLevel.length; row++) {
    for (let column = 0; column < columnCount; column++, cell++) {
      if (pivot.hasRows[cell] === 0 && pivot.cells.every(({ states }) => states[cell] === NULL)) continue;
      out.text(written++ === 0 ? open.replace(/^,/, '') : open);
      axis(rowValues, rowLevel[row]!, row);
      axis(columnValues, columnLevel[column]!, column);
      out.text(`${rowLevel[row]},${columnLevel[column]}`);
      for (const value of writers.cells) {
        out.byte(COMMA);
        value(cell);
      }
      out.text(close);
    }
  }
  return written;
}

/** The columns of the long shape: dimensions of rows and columns, how many of each a row has, the measures. */
export function longColumns(pivot: Pivot): Column[] {
  return [
    ...pivot.rows.dimensions,
    ...pivot.columns.dimensions,
    { name: 'rowLevel', type: 'integer' },
    { name: 'columnLevel', type: 'integer' },
    ...pivot.measures,
  ];
}

export function pivotLong(
  pivot: Pivot,
  format: Extract<RowFormat, 'json' | 'csv'>,
  numbers: Numbers,
): { bytes: Uint8Array<ArrayBuffer>; rowCount: number } {
  const out = new ByteWriter(1024 * 1024);
  const columns = longColumns(pivot);
  if (format === 'csv') {
    out.text(`${columns.map(({ name }) => csvText(name)).join(',')}\r\n`);
    const writers = {
      dimension: (axis: PivotAxis) => axis.members.map((c) => csvValues(c, out)),
      cells: pivot.cells.map((c) => csvValues(c, out)),
      missing: '',
    };
    const rowCount = writeLong(pivot, out, writers, '', '\r\n');
    return { bytes: out.take(), rowCount };
  }
  out.text(`{"columns":${columnsJson(columns)},"rows":[`);
  const writers = {
    dimension: (axis: PivotAxis) => axis.members.map((c) => jsonValues(c, out, numbers)),
    cells: pivot.cells.map((c) => jsonValues(c, out, numbers)),
    missing: 'null',
  };
  const rowCount = writeLong(pivot, out, writers, ',[', ']');
  out.text(']');
  return { bytes: out.take(), rowCount };
}
