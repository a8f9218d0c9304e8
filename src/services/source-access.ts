import type { Column } from '../domain/column.ts';
import type {
  DatasourceConnection,
  PoolStats,
  ServerFacts,
  TableColumn,
  TableInfo,
} from '../domain/datasource.ts';

export interface SourceTable {
  schema?: string | undefined;
  name: string;
}

export interface PreviewRows {
  columns: readonly Column[];
  rows: readonly (readonly unknown[])[];
}

/** The databases themselves, as the services see them. Errors are AppErrors whose detail may be shown. */
export interface SourceAccess {
  facts(source: DatasourceConnection, signal: AbortSignal): Promise<ServerFacts>;
  /** What the login may do beyond reading, by the names of the rights. */
  rights(source: DatasourceConnection, signal: AbortSignal): Promise<string[]>;
  schemas(source: DatasourceConnection, signal: AbortSignal): Promise<string[]>;
  /** Of all schemas where none is given. */
  tables(source: DatasourceConnection, schema: string | undefined, signal: AbortSignal): Promise<TableInfo[]>;
  columns(source: DatasourceConnection, table: SourceTable, signal: AbortSignal): Promise<TableColumn[]>;
  preview(
    source: DatasourceConnection,
    table: SourceTable & { limit: number },
    signal: AbortSignal,
  ): Promise<PreviewRows>;
  stats(source: DatasourceConnection): Promise<PoolStats>;
  /** Closes the connections of a datasource that was changed or removed. */
  forget(id: string): void;
}
