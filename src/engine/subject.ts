import type { SourceColumn } from '../domain/column.ts';
import type { DatasetSource } from '../domain/dataset.ts';
import type { DatasourceConnection } from '../domain/datasource.ts';
import { ident, raw, type Sql, sql } from '../sql/ast.ts';
import type { Dialect, Engine } from '../sql/dialect.ts';
import { duckdb } from '../sql/dialects/duckdb.ts';
import { dialectFor } from '../sql/dialects/for-engine.ts';
import type { DialectOptions } from '../sql/dialects/options.ts';
import type { SelectSource } from '../sql/gate/select-source.ts';
import type { ModelParts } from '../sql/model/model-parts.ts';
import { compileSource } from '../sql/source.ts';
import type { TableName } from '../workers/source-job.ts';

/** Where an answer's rows come from, as the answer tells it and the cache keys it. */
export interface Origin {
  id: string;
  name: string;
  engine: Engine;
  /** Changes whenever an answer may. */
  version: string;
  /** When the data was published (ISO 8601); undefined where it is as of the run. */
  publishedAt: string | undefined;
  /** Seconds that an answer may be kept; undefined for as long as the version stands. */
  cacheTtlS: number | undefined;
}

/** Rows that can be asked about. */
export interface Subject {
  origin: Origin;
  columns: readonly SourceColumn[];
  dialect: Dialect;
  /** What stands after FROM. */
  source: Sql;
  /** Puts around a whole statement what the source needs there. */
  finish(statement: Sql): Sql;
  /** The database that holds the rows; undefined for a dataset. */
  connection: DatasourceConnection | undefined;
  /** The model that `source` and `columns` belong to: they are made of it in each request. */
  model?: ModelParts | undefined;
  /** The files that hold the rows of datasets, as absolute paths. */
  files: readonly string[];
  /** Texts of statements that are nobody's business, with what is shown in their place. */
  hidden: readonly (readonly [text: string, shown: string])[];
}

export function datasetSubject(dataset: DatasetSource): Subject {
  const { id, name, generation, columns, files, publishedAt } = dataset;
  return {
    origin: { id, name, engine: 'duckdb', version: `${id}@${generation}`, publishedAt, cacheTtlS: undefined },
    columns,
    dialect: duckdb,
    source: compileSource(files, duckdb),
    finish: (statement) => statement,
    connection: undefined,
    files,
    hidden: files.map((file) => [file, file.split('/').at(-1)!] as const),
  };
}

export type Zones = DialectOptions['zones'];

/** A database, whatever is asked of it. */
export function datasourceSubject(
  connection: DatasourceConnection,
  zones: Zones,
): Omit<Subject, 'columns' | 'source' | 'finish'> {
  const { id, name, engine, version, settings, product } = connection;
  return {
    origin: {
      id,
      name,
      engine,
      version: `${id}@${version}`,
      publishedAt: undefined,
      cacheTtlS: settings.cacheTtlS ?? 0,
    },
    dialect: dialectFor(engine, {
      textComparison: settings.textComparison ?? 'exact',
      hasArrays: product !== 'redshift',
      zones,
    }),
    connection,
    files: [],
    hidden: [],
  };
}

/** A table's name in SQL; in the datasource's own schema where it names none. */
export function tableSource({ settings }: DatasourceConnection, table: TableName): Sql {
  const schema = table.schema ?? settings.schema;
  return schema === undefined ? ident(table.name) : sql`${ident(schema)}.${ident(table.name)}`;
}

export function tableSubject(
  connection: DatasourceConnection,
  source: Sql,
  columns: readonly SourceColumn[],
  zones: Zones,
): Subject {
  return { ...datasourceSubject(connection, zones), columns, source, finish: (statement) => statement };
}

export function selectSubject(
  connection: DatasourceConnection,
  select: SelectSource,
  columns: readonly SourceColumn[],
  zones: Zones,
): Subject {
  return {
    ...datasourceSubject(connection, zones),
    columns,
    source: sql`${select.from} AS ${raw('q')}`,
    finish: (statement) => sql`${select.with} ${statement} ${select.end}`,
  };
}
