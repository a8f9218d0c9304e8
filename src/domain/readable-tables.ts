import { AppError } from '../base/errors.ts';
import { foldName } from '../base/fold-name.ts';
import type { DatasourceConnection, DatasourceSettings, HiddenTables, SourceEngine } from './datasource.ts';

/** A table as a caller names it, quotes removed. */
export interface NamedTable {
  catalog?: string | null | undefined;
  schema?: string | null | undefined;
  name: string;
}

/** What belongs to the server and not to its users. All names are folded (see `foldName`). */
interface SystemNames {
  schemas: ReadonlySet<string>;
  schemaPatterns: readonly RegExp[];
  databases: ReadonlySet<string>;
  /** Relations that a name without a schema may find, whatever the search path is. */
  unqualified: readonly RegExp[];
  /** Relations that the server or an extension puts into a schema of users. */
  anywhere: readonly RegExp[];
  /** The schema of names without one, where the settings decide it. */
  defaultSchema(settings: Pick<DatasourceSettings, 'schema' | 'database'>): string | undefined;
}

const names = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((name) => name !== ''));

/** Views of SQL Server 2000 and of the database master, which answer in the schema dbo. */
const MSSQL_COMPATIBILITY =
  /^(?:sys(?:altfiles|cacheobjects|charsets|columns|comments|configures|constraints|curconfigs|cursor(?:columns|refs|s|tables)|databases|depends|devices|filegroups|files|foreignkeys|fulltextcatalogs|indexes|indexkeys|languages|lockinfo|logins|members|messages|objects|oledbusers|opentapes|perfinfo|permissions|processes|protects|references|remotelogins|segments|servers|types|users|xlogins)|spt_.*|msreplication_options)$/;

const SYSTEM: Readonly<Record<SourceEngine, SystemNames>> = {
  postgres: {
    schemas: names(`information_schema crdb_internal citus citus_internal columnar columnar_internal
      timescaledb_information timescaledb_experimental timescaledb_internal cron vault pgsodium pgsodium_masks
      pglogical pgagent gp_toolkit aws_s3 aws_lambda aws_commons azure_storage azure_ai`),
    // The server refuses to make schemas of users that begin with pg_.
    schemaPatterns: [/^pg_/, /^_timescaledb_/],
    databases: names('template0 template1 system'),
    // pg_catalog comes first in every search path; the rest is Redshift's.
    unqualified: [/^pg_/, /^(?:stl|stv|svl|svv|svcs|svcl)_/],
    anywhere: [
      /^pg_(?:stat|dist|shadow$|authid$|roles$|user|group$|settings$|hba|ident|file_settings$|config$)/,
      /^pg_(?:buffercache|wait_sampling|qualstats|store_plans|freespace|visibility|track|proctab|replication|subscription)/,
      /^pg_(?:locks|cursors|prepared|seclabel|shmem|backend|largeobject|foreign|policy|policies|auth)/,
      /^citus_(?:stat_|tables$|shards|shard_|nodes$|schemas$|lock|dist_|worker_|backend_|check_)/,
      /^_?http_(?:request_queue|response)$/,
    ],
    defaultSchema: ({ schema }) => schema,
  },
  mysql: {
    schemas: names(`information_schema mysql performance_schema sys ndbinfo metrics_schema __internal_schema
      _statistics_ cluster_info lightning_task_info tidb_loader`),
    schemaPatterns: [],
    databases: names(''),
    unqualified: [],
    anywhere: [],
    defaultSchema: ({ schema, database }) => schema ?? database,
  },
  mssql: {
    schemas: names('sys information_schema cdc'),
    schemaPatterns: [],
    databases: names('master msdb model tempdb resource mssqlsystemresource distribution'),
    unqualified: [MSSQL_COMPATIBILITY],
    anywhere: [MSSQL_COMPATIBILITY, /^dm_(?:exec|os|tran|db|io)_/],
    defaultSchema: ({ schema }) => schema,
  },
};

const some = (patterns: readonly RegExp[], name: string) => patterns.some((pattern) => pattern.test(name));

/** Whether a schema is the server's own; of MySQL the schemas are its databases. */
export function isSystemSchema(engine: SourceEngine, schema: string): boolean {
  const { schemas, schemaPatterns } = SYSTEM[engine];
  const folded = foldName(schema);
  return schemas.has(folded) || some(schemaPatterns, folded);
}

/** What the rule must know of a datasource. */
export interface TableScope {
  engine: SourceEngine;
  /** The schema of names without one, where the datasource decides it; else a bare name may be any that the server finds. */
  defaultSchema?: string | undefined;
  hidden?: HiddenTables | undefined;
}

type Place = Pick<DatasourceSettings, 'schema' | 'database' | 'options'>;

export const tableScopeOf = ({
  engine,
  settings,
  hidden,
}: Pick<DatasourceConnection, 'engine' | 'settings' | 'hidden'>): TableScope => ({
  engine,
  defaultSchema: SYSTEM[engine].defaultSchema(settings),
  hidden,
});

function isHidden({ hidden, defaultSchema }: TableScope, { schema, name }: NamedTable): boolean {
  if (!hidden?.names.includes(foldName(name))) return false;
  const place = schema || defaultSchema;
  // The search path of a role is the server's to know, so a bare name may mean the hidden table.
  return place === undefined || foldName(place) === foldName(hidden.schema);
}

/**
 * The one rule for tables, for every path to a database: false for the server's catalogs, its statistics, what extensions keep and the
 * service's own metadata, however they are spelled.
 */
export function isReadable(scope: TableScope, table: NamedTable): boolean {
  const { databases, unqualified, anywhere } = SYSTEM[scope.engine];
  const { catalog, schema, name } = table;
  const folded = foldName(name);
  const place = schema || scope.defaultSchema;
  if (catalog && databases.has(foldName(catalog))) return false;
  if (place !== undefined && isSystemSchema(scope.engine, place)) return false;
  if (!schema && some(unqualified, folded)) return false;
  return !some(anywhere, folded) && !isHidden(scope, table);
}

/** A table in words, for a message. */
export const tableText = ({ catalog, schema, name }: NamedTable): string =>
  [catalog, schema, name]
    .filter((part) => part)
    .join('.')
    .slice(0, 256);

/** Throws `query.refused` at `pointer` for a table that the rule does not let through. */
export function refuseSystemTable(scope: TableScope, table: NamedTable, pointer?: string | undefined): void {
  if (isReadable(scope, table)) return;
  const what = tableText(table);
  throw new AppError(
    'query.refused',
    `The table ${JSON.stringify(what)} is one of the server's or the service's own, which are never read; name a table of your own, with its schema`,
    { ...(pointer === undefined ? {} : { pointer }), params: { reason: 'table', what } },
  );
}

/** The setting of a datasource that leads to the server's own tables; undefined where none does. */
export function systemPlaceOf(
  engine: SourceEngine,
  settings: Place,
): { field: string; name: string } | undefined {
  const { schema, database } = settings;
  if (schema !== undefined && isSystemSchema(engine, schema)) return { field: '/schema', name: schema };
  const isSystem = engine === 'mysql' ? isSystemSchema(engine, database) : isSystemDatabase(engine, database);
  if (isSystem) return { field: '/database', name: database };
  const path = String(settings.options?.search_path ?? '').split(',');
  const found = path
    .map((part) => part.trim().replace(/^"(.*)"$/, '$1'))
    .find((part) => part !== '' && isSystemSchema(engine, part));
  return found === undefined ? undefined : { field: '/options/search_path', name: found };
}

/** Careless servers keep users' tables in master, so it may be connected to. */
const isSystemDatabase = (engine: SourceEngine, database: string) =>
  SYSTEM[engine].databases.has(foldName(database)) && foldName(database) !== 'master';
