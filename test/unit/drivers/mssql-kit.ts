import type { Column } from '../../../src/domain/column.ts';
import { type ColumnData, fixed, NULL, TEXT } from '../../../src/domain/column-data.ts';
import type { DatasourceSettings } from '../../../src/domain/datasource.ts';
import type { Driver, Rows, RunOptions } from '../../../src/drivers/driver.ts';
import { openMssql } from '../../../src/drivers/mssql/driver.ts';
import type { Param } from '../../../src/sql/ast.ts';
import { type TdsServer, USER } from '../../support/tds/server.ts';

export type PoolEvent = 'created' | 'failed' | 'closed';

export function openOn(
  { port }: { port: number },
  settings: Partial<DatasourceSettings> = {},
  events: PoolEvent[] = [],
): Driver {
  const onPoolEvent = (event: PoolEvent) => void events.push(event);
  return openMssql(
    { host: '127.0.0.1', port, ...USER, ...settings },
    { applicationName: 'reports', onPoolEvent },
  );
}

export function run(
  driver: Driver,
  text: string,
  params: Param[] = [],
  options: Partial<RunOptions> = {},
): Rows {
  return driver.run(
    { text, params },
    { signal: new AbortController().signal, timeoutMs: 10_000, ...options },
  );
}

export type Shown = string | number | boolean | null;

/** A slot as an answer would show it. */
export function shown(column: ColumnData, at: number): Shown {
  if (column.states[at] === NULL) return null;
  if (column.states[at] === TEXT) return column.texts[at]!;
  const number = column.numbers[at]!;
  if (column.physical === 'boolean') return number === 1;
  return column.physical === 'whole' && column.scale > 0 ? fixed(BigInt(number), column.scale) : number;
}

export interface Answer {
  columns: readonly Column[];
  rows: Shown[][];
  batches: number[];
}

export async function all(rows: Rows): Promise<Answer> {
  const answer: Answer = { columns: await rows.columns(), rows: [], batches: [] };
  for await (const { columns, count } of rows) {
    answer.batches.push(count);
    for (let at = 0; at < count; at++) answer.rows.push(columns.map((column) => shown(column, at)));
  }
  return answer;
}

export async function failureOf(work: Promise<unknown>): Promise<{ code: string; detail: string }> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const { code, message } = error as { code?: string; message?: string };
  return { code: String(code), detail: String(message) };
}

/** Waits for a condition that something else brings about. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 5000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`it never came that ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The statements of the driver itself that a session ran, in order. */
export const commands = (server: TdsServer) =>
  server.received.filter(({ kind }) => kind === 'batch').map(({ text }) => text);
