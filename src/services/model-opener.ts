import { AppError } from '../base/errors.ts';
import type { DatasetSource } from '../domain/dataset.ts';
import type { DatasourceConnection, ServerFacts } from '../domain/datasource.ts';
import type { ModelDefinition, ModelJoin } from '../domain/model.ts';
import {
  databaseTable,
  datasetTable,
  type ModelTable,
  type ModelTitle,
  modelSubject,
  type OpenedModel,
} from '../engine/model-subject.ts';
import type { Sources } from '../engine/sources.ts';

export interface ModelOpenerDeps {
  resolveDataset: (nameOrId: string, pointer?: string) => Promise<DatasetSource>;
  resolveDatasource: (nameOrId: string, pointer?: string) => Promise<DatasourceConnection>;
  sources: Sources;
  /** Who the server is; kept once it was asked. */
  facts: (connection: DatasourceConnection, signal: AbortSignal) => Promise<ServerFacts>;
}

/** Products whose keys are what somebody said of the rows, and not what the server sees to. */
const UNENFORCED = new Set(['redshift', 'materialize', 'starrocks', 'doris', 'singlestore']);

const invalid = (detail: string, pointer: string) => new AppError('request.invalid', detail, { pointer });

const crossed = (alias: string, pointer: string) =>
  new AppError(
    'query.unsupported',
    `The join ${JSON.stringify(alias)} is of another source than the model; a model joins datasets with datasets, or tables of one datasource`,
    { pointer, params: { join: alias } },
  );

type Place = Pick<ModelJoin, 'dataset' | 'datasource' | 'table' | 'sql' | 'params'>;

/** The first field that does not go with those that are there. */
const given = (place: Place, ...fields: (keyof Place)[]) =>
  fields.find((field) => place[field] !== undefined);

/** Finds what the names of a model's definition mean: the tables, their columns, and which rows stand there now. */
export class ModelOpener {
  constructor(readonly deps: ModelOpenerDeps) {}

  /** Throws `request.invalid`, `resource.notFound`, `query.unsupported` with pointers into the definition, and errors of the database. */
  async open(title: ModelTitle, definition: ModelDefinition, signal: AbortSignal): Promise<OpenedModel> {
    const { from } = definition;
    const tables =
      from.datasource === undefined
        ? await this.#ofDatasets(definition)
        : await this.#ofDatasource(definition, signal);
    return modelSubject(title, definition, tables);
  }

  async #ofDatasets({ from, joins = [] }: ModelDefinition): Promise<ModelTable[]> {
    if (from.dataset === undefined)
      throw invalid('/from must have the field dataset or the field datasource', '/from');
    const more = given(from, 'table', 'sql', 'params');
    if (more) throw invalid(`/from/${more} goes with a datasource`, `/from/${more}`);
    const base = await this.deps.resolveDataset(from.dataset, '/from/dataset');
    const joined = await Promise.all(joins.map((join, i) => this.#dataset(join, `/joins/${i}`)));
    return [base, ...joined].map(datasetTable);
  }

  #dataset(join: ModelJoin, at: string): Promise<DatasetSource> {
    const other = given(join, 'datasource', 'sql', 'params');
    if (other) throw crossed(join.as, `${at}/${other}`);
    if ((join.dataset === undefined) === (join.table === undefined))
      throw invalid('A join of datasets must have the field dataset', at);
    return join.dataset === undefined
      ? this.deps.resolveDataset(join.table!, `${at}/table`)
      : this.deps.resolveDataset(join.dataset, `${at}/dataset`);
  }

  async #ofDatasource({ from, joins = [] }: ModelDefinition, signal: AbortSignal): Promise<ModelTable[]> {
    if (from.dataset !== undefined)
      throw invalid('/from has a dataset or a datasource, not both', '/from/dataset');
    const connection = await this.deps.resolveDatasource(from.datasource!, '/from/datasource');
    const base = this.#table(connection, from, '/from', signal);
    const joined = joins.map(async (join, i) => {
      const at = `/joins/${i}`;
      if (join.dataset !== undefined) throw crossed(join.as, `${at}/dataset`);
      if (join.datasource !== undefined) {
        const { id } = await this.deps.resolveDatasource(join.datasource, `${at}/datasource`);
        if (id !== connection.id) throw crossed(join.as, `${at}/datasource`);
      }
      return this.#table(connection, join, at, signal);
    });
    const tables = await Promise.all([base, ...joined]);
    if (joined.length === 0 || tables.every(({ key }) => key === undefined)) return tables;
    const { product } = await this.deps.facts(connection, signal);
    return UNENFORCED.has(product) ? tables.map((each) => ({ ...each, key: undefined })) : tables;
  }

  async #table(
    connection: DatasourceConnection,
    place: Place,
    at: string,
    signal: AbortSignal,
  ): Promise<ModelTable> {
    const { table, sql, params } = place;
    const { sources } = this.deps;
    if ((table === undefined) === (sql === undefined))
      throw invalid(`${at} must have the field table or the field sql`, at);
    if (params !== undefined && sql === undefined)
      throw invalid(`${at}/params goes with sql`, `${at}/params`);
    const part =
      sql === undefined
        ? await sources.tablePart(connection, table!, at, signal)
        : await sources.selectPart(connection, sql, params ?? {}, at, signal);
    const name = JSON.stringify(sql === undefined ? [table] : [sql, params ?? {}]);
    return databaseTable(connection, part, name, sources.zones);
  }
}
