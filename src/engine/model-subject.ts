import { AppError } from '../base/errors.ts';
import type { DatasetSource } from '../domain/dataset.ts';
import type { DatasourceConnection } from '../domain/datasource.ts';
import type { ModelDefinition } from '../domain/model.ts';
import { raw, type Sql, sql } from '../sql/ast.ts';
import type { KeyClaim } from '../sql/model/key-claims.ts';
import type { ModelParts, TablePart } from '../sql/model/model-parts.ts';
import type { SourcePart } from './sources.ts';
import { datasetSubject, datasourceSubject, type Subject, type Zones } from './subject.ts';

/** What a model is called, and what changes with its definition. */
export interface ModelTitle {
  id: string;
  name: string;
  version: number;
  /** Undefined for a definition that is not kept. */
  saved: string | undefined;
}

/** A table of a model, and what stands in it alone. */
export interface ModelTable {
  part: TablePart;
  /** The table as something that can be asked about by itself. */
  subject: Subject;
  /** Which rows stand there: changes with the data of datasets and the settings of datasources. */
  version: string;
  /** Columns that are a key, where the catalog says so. */
  key: readonly string[] | undefined;
}

export function datasetTable(dataset: DatasetSource): ModelTable {
  const subject = datasetSubject(dataset);
  const { source, columns, origin } = subject;
  return {
    part: { source, columns, name: dataset.name },
    subject,
    version: origin.version,
    key: undefined,
  };
}

export function databaseTable(
  connection: DatasourceConnection,
  { from, columns, ...around }: SourcePart,
  name: string,
  zones: Zones,
): ModelTable {
  const place = datasourceSubject(connection, zones);
  const key = columns.filter(({ keyPosition }) => keyPosition !== undefined).map((column) => column.name);
  const listed = columns.map(({ name: column, type, nativeType, scale }) => ({
    name: column,
    type,
    nativeType,
    ...(type === 'decimal' && scale !== undefined ? { scale } : {}),
  }));
  return {
    part: { source: from, columns: listed, name },
    subject: {
      ...place,
      columns: listed,
      source: sql`${from} AS ${raw('q')}`,
      finish: (statement) => sql`${around.with} ${statement} ${around.end}`,
    },
    version: JSON.stringify([place.origin.version, name]),
    key: key.length > 0 ? key : undefined,
  };
}

/** SQL Server takes WITH and OPTION around a whole statement only, and of several sources they cannot be put together. */
function finishOf(tables: readonly ModelTable[]): (statement: Sql) => Sql {
  const marker = raw('');
  const around = tables.filter(({ subject }) => subject.finish(marker).parts.some(hasText));
  if (around.length > 1)
    throw new AppError(
      'query.unsupported',
      `SQL Server takes WITH and OPTION in one of a model's statements only; ${around.length} have them`,
      { pointer: '/joins' },
    );
  return around[0]?.subject.finish ?? ((statement) => statement);
}

const hasText = (part: Sql['parts'][number]) => part.kind !== 'text' || part.text.trim() !== '';

export interface OpenedModel {
  subject: Subject & { model: ModelParts };
  tables: readonly ModelTable[];
}

/** A model over its tables: the base, then the joined ones. */
export function modelSubject(
  { id, name, version, saved }: ModelTitle,
  definition: ModelDefinition,
  tables: readonly ModelTable[],
): OpenedModel {
  const [base, ...joined] = tables as [ModelTable, ...ModelTable[]];
  const origins = tables.map(({ subject }) => subject.origin);
  const published = origins.flatMap(({ publishedAt }) => (publishedAt === undefined ? [] : [publishedAt]));
  const { dialect, connection, origin } = base.subject;
  const model: ModelParts = {
    definition,
    base: base.part,
    joined: joined.map(({ part }) => part),
    saved,
  };
  const subject = {
    origin: {
      id,
      name,
      engine: origin.engine,
      version: [`${id}@${version}`, ...new Set(origins.map((each) => each.version))].join('+'),
      publishedAt: connection ? undefined : published.sort()[0],
      cacheTtlS: origin.cacheTtlS,
    },
    columns: [],
    dialect,
    source: raw('model'),
    model,
    finish: finishOf(tables),
    connection,
    files: tables.flatMap((table) => table.subject.files),
    hidden: tables.flatMap((table) => table.subject.hidden),
  };
  return { subject, tables };
}

/** What stands behind a claim: the table by itself, or the base as it is unpivoted. */
export function claimSubject({ subject, tables }: OpenedModel, claim: KeyClaim): Subject {
  const { definition, base } = subject.model;
  const table = tables[claim.table]!.subject;
  if (claim.table > 0 || !definition.unpivot) return table;
  const { from, unpivot } = definition;
  const model: ModelParts = { definition: { from, unpivot }, base, joined: [], saved: undefined };
  return { ...table, source: raw('model'), model };
}
