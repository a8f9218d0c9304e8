import type { ColumnType } from '../../../src/domain/column.ts';
import { fixed, NULL, NUMBER } from '../../../src/domain/column-data.ts';
import type { DatasourceSettings } from '../../../src/domain/datasource.ts';
import type { Batch, Driver, DriverContext, OpenDriver, RunOptions } from '../../../src/drivers/driver.ts';
import type { Param } from '../../../src/sql/ast.ts';
import type { TestServer } from '../../support/postgres-server.ts';

/** A value as the engine spells it, and what must arrive. */
export type TypeCase = readonly [
  expression: string,
  type: ColumnType,
  shown: string | number | boolean | null,
];

/** What an engine says in its own words, so that one suite can ask every engine the same. */
export interface ContractEngine {
  name: string;
  start(): Promise<TestServer>;
  open: OpenDriver;
  /** Makes the users `reporter` (may read everything) and `stranger` (may sign in) and the tables of `fixtures`. */
  setUp(server: TestServer): void;
  placeholder(index: number): string;
  /** A SELECT of whole numbers `n` from 1 up. */
  numbers(count: number): string;
  /** A SELECT that takes that long. */
  sleep(seconds: number): string;
  /** Statements of `reporter` that run now, and its connections; each gives one number to the administrator. */
  runningCount: string;
  connectionCount: string;
  /** Ends all connections of `reporter`. */
  killAll(server: TestServer): void;
  types: readonly TypeCase[];
  /** The FROM that their expressions need. */
  typesFrom: string;
  /** Statements that must be refused, whatever wall refuses them. */
  writes: readonly string[];
  /** A statement that leaves something in its session, one that would find it, and what it finds. */
  leftovers: readonly (readonly [leaves: string, finds: string, found: string | null])[];
  /** Statements and what becomes of them. */
  faults: readonly (readonly [sql: string, code: string, detail: RegExp])[];
  /** A text as the administrator's client takes it. */
  text(value: string): string;
  /** Quotes a name. */
  quote(name: string): string;
  /** The schema of tables that are named without one. */
  schema: string;
}

/** A server with a driver on it, and shortcuts. */
export class Bench {
  readonly #drivers: Driver[] = [];

  constructor(
    readonly engine: ContractEngine,
    readonly server: TestServer,
  ) {}

  settings(over: Partial<DatasourceSettings> = {}): DatasourceSettings {
    const { host, port, database } = this.server;
    return { host, port, database, user: 'reporter', password: this.server.password, ...over };
  }

  open(over: Partial<DatasourceSettings> = {}, context: Partial<DriverContext> = {}): Driver {
    const driver = this.engine.open(this.settings(over), {
      applicationName: 'contract',
      onPoolEvent: () => undefined,
      ...context,
    });
    this.#drivers.push(driver);
    return driver;
  }

  count(sql: string): number {
    return Number(this.server.admin(sql));
  }

  /** Ends all drivers that were opened. */
  async closeAll(): Promise<void> {
    for (const driver of this.#drivers.splice(0)) await driver[Symbol.asyncDispose]();
  }
}

export const options = (over: Partial<RunOptions> = {}): RunOptions => ({
  signal: new AbortController().signal,
  timeoutMs: 20_000,
  ...over,
});

export const never = () => new AbortController().signal;

/** The cells of a batch as a reader would see them. */
export function cells({ columns, count }: Batch): unknown[][] {
  return Array.from({ length: count }, (_, row) =>
    columns.map((column) => {
      const state = column.states[row];
      if (state === NULL) return null;
      if (state !== NUMBER) return column.texts[row];
      const number = column.numbers[row]!;
      if (column.physical === 'boolean') return number === 1;
      return column.type === 'decimal' ? fixed(BigInt(number), column.scale) : number;
    }),
  );
}

export async function rowsOf(
  driver: Driver,
  text: string,
  params: Param[] = [],
  over: Partial<RunOptions> = {},
) {
  const all: unknown[][] = [];
  for await (const batch of driver.run({ text, params }, options(over))) all.push(...cells(batch));
  return all;
}

/** Waits until the condition holds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, timeoutMs = 10_000) {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await Bun.sleep(20))
    if (await condition()) return;
  throw new Error(`it did not come about that ${what}`);
}

/** The AppError that the work throws, as plain data. */
export async function faultOf(work: Promise<unknown>) {
  try {
    await work;
  } catch (error) {
    const { code, message, params, retryAfterS } = error as never as Record<string, never>;
    return { code, message, params, retryAfterS } as unknown as {
      code: string;
      message: string;
      params?: Record<string, unknown>;
      retryAfterS?: number;
    };
  }
  throw new Error('nothing was thrown');
}
