import { deadline, orAborted } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { Lru } from '../base/lru.ts';
import type {
  DatasourceConnection,
  PoolStats,
  ServerFacts,
  TableColumn,
  TableInfo,
} from '../domain/datasource.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Datasources } from './datasources.ts';
import type { PreviewRows, SourceAccess, SourceTable } from './source-access.ts';

export interface SourceCatalogDeps {
  datasources: Pick<Datasources, 'resolve' | 'knownFacts' | 'keepFacts'>;
  access: Omit<SourceAccess, 'forget'>;
  clock: Clock;
  metrics: Metrics;
  /** Milliseconds that an answer is kept; 0 keeps none. */
  keepMs: number;
  timeoutS: number;
}

/** What looking needs beside the name of the datasource. */
export interface Look {
  signal: AbortSignal;
  /** Asks anew, whatever is kept. */
  refresh?: boolean | undefined;
}

interface Kept {
  value: unknown;
  atMs: number;
}

const CACHE_BYTES = 32 << 20;
const LOOK_BYTES = 1 << 20;
const BYTES_OF_CHARACTER = 2;

const inOrder = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** What stands in a database: schemas, tables and columns, kept for a while, and first rows, which are not. */
export class SourceCatalog {
  readonly #kept = new Lru<Kept>(CACHE_BYTES);
  /** The last look at a table however it is spelled, and at all of a datasource: what was kept before it is not used. */
  readonly #looks = new Lru<number>(LOOK_BYTES);
  #nextLook = 1;

  constructor(readonly deps: SourceCatalogDeps) {}

  async schemas(datasource: string, look: Look): Promise<string[]> {
    const source = await this.deps.datasources.resolve(datasource);
    return this.#keep(source, 'schemas', [], look, async (signal) =>
      [...(await this.deps.access.schemas(source, signal))].sort(inOrder),
    );
  }

  /** By schema and name; of the datasource's own schema where none is given, or of all. */
  async tables(datasource: string, schema: string | undefined, look: Look): Promise<TableInfo[]> {
    const source = await this.deps.datasources.resolve(datasource);
    const inSchema = schema ?? source.settings.schema;
    return this.#keep(source, 'tables', [inSchema], look, async (signal) =>
      [...(await this.deps.access.tables(source, inSchema, signal))].sort(
        (a, b) => inOrder(a.schema, b.schema) || inOrder(a.name, b.name),
      ),
    );
  }

  async columns(datasource: string, table: SourceTable, look: Look): Promise<TableColumn[]> {
    const source = await this.deps.datasources.resolve(datasource);
    return this.columnsOf(source, table, look);
  }

  /** As `columns`, of a datasource that is resolved already: the query path. */
  columnsOf(source: DatasourceConnection, { schema, name }: SourceTable, look: Look): Promise<TableColumn[]> {
    const table = { schema: schema ?? source.settings.schema, name };
    const ofTable = JSON.stringify([source.id, name]);
    if (look.refresh) this.#look(ofTable);
    const looks = [source.id, ofTable].map((key) => String(this.#looks.get(key) ?? 0));
    return this.#keep(source, 'columns', [table.schema, name, ...looks], look, (signal) =>
      this.deps.access.columns(source, table, signal),
    );
  }

  /** The columns of its tables are asked for when they are next needed. */
  forgetColumns({ id }: Pick<DatasourceConnection, 'id'>): void {
    this.#look(id);
  }

  #look(key: string): void {
    this.#looks.set(key, this.#nextLook++, key.length * BYTES_OF_CHARACTER);
  }

  async preview(
    datasource: string,
    { schema, name }: SourceTable,
    limit: number,
    signal: AbortSignal,
  ): Promise<PreviewRows> {
    const source = await this.deps.datasources.resolve(datasource);
    const table = { schema: schema ?? source.settings.schema, name, limit };
    return this.#within(signal, (limited) => this.deps.access.preview(source, table, limited));
  }

  async stats(datasource: string): Promise<PoolStats> {
    return this.deps.access.stats(await this.deps.datasources.resolve(datasource));
  }

  /** Who the server is: as it said before, else asked now and kept. */
  async facts(source: DatasourceConnection, signal: AbortSignal): Promise<ServerFacts> {
    const { datasources, access } = this.deps;
    const known = await datasources.knownFacts(source);
    if (known) return known;
    const facts = await this.#within(signal, (limited) => access.facts(source, limited));
    await datasources.keepFacts(source, facts);
    return facts;
  }

  /** The version in the key makes answers of older settings unreachable. */
  async #keep<T>(
    { id, version }: DatasourceConnection,
    kind: string,
    names: readonly (string | undefined)[],
    { signal, refresh = false }: Look,
    ask: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { clock, keepMs } = this.deps;
    const key = JSON.stringify([id, version, kind, ...names.map((name) => name ?? null)]);
    const kept = refresh ? undefined : this.#kept.get(key);
    if (kept && clock.now() - kept.atMs < keepMs) return kept.value as T;
    const value = await this.#within(signal, ask);
    if (keepMs > 0) {
      const bytes = JSON.stringify(value).length * BYTES_OF_CHARACTER;
      this.#kept.set(key, { value, atMs: clock.now() }, bytes);
    }
    return value;
  }

  async #within<T>(signal: AbortSignal, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { metrics, timeoutS } = this.deps;
    const limit = deadline(
      timeoutS * 1000,
      () => {
        metrics.limitsHit.inc({ limit: 'DATASOURCE_LOOK_SECONDS' });
        return new AppError('query.timeout', `The database did not answer within ${timeoutS} s`);
      },
      signal,
    );
    try {
      return await orAborted(ask(limit.signal), limit.signal);
    } finally {
      limit.clear();
    }
  }
}
