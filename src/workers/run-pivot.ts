import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import { AppError } from '../base/errors.ts';
import { ColumnData, NULL, NUMBER } from '../domain/column-data.ts';
import type { AxisDetail, QuerySummary } from '../domain/query-result.ts';
import { int32s, storeVector } from '../drivers/duckdb/read.ts';
import { type AxisLayout, type AxisShape, layoutAxis, totalCount } from '../pivot/layout.ts';
import { type AxisSize, fitWindows, type Window } from '../pivot/window.ts';
import { type Pivot, type PivotAxis, pivotJson, pivotLong } from '../render/pivot.ts';
import { ResultHash } from '../render/result-hash.ts';
import type { AxisProgram, CellStatement, PivotProgram } from '../sql/pivot.ts';
import type { PivotJob } from './query-job.ts';
import type { JobContext } from './serve.ts';

/** Bytes of one message; larger ones would hold up the others of the thread. */
const SEND_BYTES = 1024 * 1024;

interface AxisFacts {
  details: number;
  groupOf: Map<number, Int32Array>;
}

async function eachChunk(
  connection: DuckDBConnection,
  text: string,
  params: number[],
  use: (chunk: DuckDBDataChunk, first: number) => void,
): Promise<void> {
  const result = await connection.stream(text, params);
  for (let first = 0; ; ) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    use(chunk, first);
    first += chunk.rowCount;
  }
}

async function axisFacts(connection: DuckDBConnection, axis: AxisProgram): Promise<AxisFacts> {
  const groupOf = new Map<number, Int32Array>();
  if (axis.count === undefined) return { details: 1, groupOf };
  let details = 0;
  await eachChunk(connection, axis.count, [], (chunk) => {
    details = int32s(chunk, 0)[0]!;
  });
  for (const level of axis.inner) groupOf.set(level, new Int32Array(details));
  if (axis.groups !== undefined) {
    await eachChunk(connection, axis.groups, [], (chunk, first) => {
      for (const [i, level] of axis.inner.entries())
        groupOf.get(level)!.set(int32s(chunk, i).subarray(0, chunk.rowCount), first);
    });
  }
  return { details, groupOf };
}

function shapeOf(program: PivotProgram, axis: AxisProgram, facts: AxisFacts): Omit<AxisShape, 'from' | 'to'> {
  return {
    depth: axis.dimensions.length,
    detailCount: facts.details,
    groupOf: facts.groupOf,
    totals: axis.totals,
    position: program.position,
  };
}

/** Members of the headers that are shown; details come by their window, groups all. */
async function readMembers(
  connection: DuckDBConnection,
  axis: AxisProgram,
  layout: AxisLayout,
  window: Window,
): Promise<ColumnData[]> {
  const size = layout.level.length;
  const members = axis.dimensions.map(({ type }) => new ColumnData(type, size));
  const read = (text: string, params: number[], positions: Int32Array, offset: number, depth: number) =>
    eachChunk(connection, text, params, (chunk, first) => {
      const targets = positions.subarray(offset + first, offset + first + chunk.rowCount);
      for (let d = 0; d < depth; d++)
        storeVector(chunk.getColumnVector(d), members[d]!, targets, chunk.rowCount);
    });
  const depth = axis.dimensions.length;
  if (depth > 0 && window.to > window.from) {
    await read(axis.details, [window.from, window.to], layout.positions.get(depth)!, window.from, depth);
  }
  for (const [level, text] of axis.groupMembers) await read(text, [], layout.positions.get(level)!, 0, level);
  return members;
}

interface Frame {
  rows: AxisLayout;
  columns: AxisLayout;
  windows: { rows: Window; columns: Window };
  cells: ColumnData[];
  hasRows: Uint8Array;
}

async function readCells(
  connection: DuckDBConnection,
  statement: CellStatement,
  frame: Frame,
): Promise<void> {
  const { windows } = frame;
  const bounds = {
    rowFrom: windows.rows.from,
    rowTo: windows.rows.to,
    columnFrom: windows.columns.from,
    columnTo: windows.columns.to,
  };
  const rowAt = frame.rows.positions.get(statement.rowLevel)!;
  const columnAt = frame.columns.positions.get(statement.columnLevel)!;
  const width = frame.columns.level.length;
  const params = statement.params.map((name) => bounds[name]);
  await eachChunk(connection, statement.text, params, (chunk) => {
    const count = chunk.rowCount;
    const rows = int32s(chunk, 0);
    const columns = int32s(chunk, 1);
    const targets = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const row = rowAt[rows[i]!]!;
      const column = columnAt[columns[i]!]!;
      const target = row < 0 || column < 0 ? -1 : row * width + column;
      targets[i] = target;
      if (target >= 0) frame.hasRows[target] = 1;
    }
    for (const [i, m] of statement.measures.entries())
      storeVector(chunk.getColumnVector(i + 2), frame.cells[m]!, targets, count);
  });
}

function fillZeros(cells: ColumnData): void {
  for (let i = 0; i < cells.size; i++) if (cells.states[i] === NULL) cells.states[i] = NUMBER;
}

function detailOf(axis: AxisProgram, facts: AxisFacts, window: Window): AxisDetail {
  const returned = window.to - window.from;
  const total = axis.dimensions.length === 0 ? 1 : facts.details;
  return { returned, total, truncated: returned < total };
}

function hashOf({ rows, columns, measures, cells }: Pivot): string {
  const hash = new ResultHash(measures);
  hash.add(cells, cells[0]?.size ?? 0);
  const axisHash = (axis: PivotAxis) => {
    const members = new ResultHash(axis.dimensions);
    members.add(axis.members, axis.layout.level.length);
    return members.digest(axis.layout.level.join(','));
  };
  return hash.digest(axisHash(rows) + axisHash(columns));
}

/** A file cannot say that it was cut, so it is refused. */
const uncuttable = (maxCells: number) =>
  new AppError(
    'limit.cells',
    `The file would have more than the ${maxCells} cells allowed; ask for a page of it`,
    {
      params: { limit: 'PIVOT_MAX_CELLS', maxCells },
    },
  );

/** Computes a pivot on one connection and sends its bytes; a JSON answer is left open for its meta. */
export async function runPivot(
  connection: DuckDBConnection,
  job: PivotJob,
  context: JobContext,
): Promise<Omit<QuerySummary, 'elapsedMs'>> {
  const { program, caps, numbers } = job;
  for (const { text, params } of program.setup) await connection.run(text, params);
  const facts = {
    rows: await axisFacts(connection, program.rows),
    columns: await axisFacts(connection, program.columns),
  };
  const shapes = {
    rows: shapeOf(program, program.rows, facts.rows),
    columns: shapeOf(program, program.columns, facts.columns),
  };
  const sizeOf = (axis: 'rows' | 'columns'): AxisSize => ({
    details: facts[axis].details,
    totals: totalCount(shapes[axis]),
    offset: program[axis].offset,
    limit: program[axis].limit,
  });
  const windows = fitWindows(sizeOf('rows'), sizeOf('columns'), program.measures.length, caps.cells);
  const cut = windows.rows.cut || windows.columns.cut;
  if (cut && job.format === 'csv') throw uncuttable(caps.cells);
  const layout = {
    rows: layoutAxis({ ...shapes.rows, ...windows.rows }),
    columns: layoutAxis({ ...shapes.columns, ...windows.columns }),
  };
  const size = layout.rows.level.length * layout.columns.level.length;
  const frame: Frame = {
    ...layout,
    windows,
    cells: program.measures.map(({ type }) => new ColumnData(type, size)),
    hasRows: new Uint8Array(size),
  };
  for (const statement of program.cells) {
    context.signal.throwIfAborted();
    await readCells(connection, statement, frame);
  }
  for (const m of program.zeroFilled) fillZeros(frame.cells[m]!);
  const axis = async (name: 'rows' | 'columns'): Promise<PivotAxis> => ({
    dimensions: program[name].dimensions,
    layout: layout[name],
    members: await readMembers(connection, program[name], layout[name], windows[name]),
  });
  const pivot: Pivot = {
    rows: await axis('rows'),
    columns: await axis('columns'),
    measures: program.measures,
    cells: frame.cells,
    hasRows: frame.hasRows,
  };
  context.signal.throwIfAborted();
  const detail = {
    rows: detailOf(program.rows, facts.rows, windows.rows),
    columns: detailOf(program.columns, facts.columns, windows.columns),
  };
  const { bytes, rowCount } =
    job.format === 'json'
      ? { bytes: pivotJson(pivot, detail, numbers), rowCount: layout.rows.level.length }
      : pivotLong(pivot, job.format === 'csv' ? 'csv' : 'json', numbers);
  if (bytes.length > caps.bytes) {
    throw new AppError(
      'limit.bytes',
      `The pivot has ${bytes.length} bytes; an answer may have ${caps.bytes}. Ask for a page of it`,
      {
        params: { limit: 'QUERY_MAX_BYTES', maxBytes: caps.bytes },
      },
    );
  }
  for (let at = 0; at < bytes.length; at += SEND_BYTES) await context.send(bytes.slice(at, at + SEND_BYTES));
  return {
    rowCount,
    cutBy: cut ? ['PIVOT_MAX_CELLS'] : [],
    detail,
    resultHash: hashOf(pivot),
    bytes: bytes.length,
  };
}
