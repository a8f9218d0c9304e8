import type { Code } from '../../../base/errors.ts';
import {
  Datasource,
  DatasourceStats,
  DatasourceTest,
  SchemaName,
  Secret,
  ShownDatasource,
  TableColumn,
  TableInfo,
  TablePreview,
} from '../answers/datasources.ts';
import { created, done, list, type OperationDocs, ok, page } from '../operation.ts';

/** What a server of the caller's may be at fault of. */
export const SOURCE_CODES: readonly Code[] = [
  'datasource.unreachable',
  'datasource.tls',
  'datasource.login',
  'datasource.database',
  'datasource.rights',
  'datasource.busy',
  'storage.sealed',
];
/** What another server may be at fault of. */
export const OUTBOUND_CODES: readonly Code[] = [
  'outbound.blocked',
  'outbound.unreachable',
  'outbound.tls',
  'outbound.timeout',
  'outbound.redirect',
  'outbound.answer',
  'outbound.tooLarge',
];
const CATALOG_CODES: readonly Code[] = [
  ...SOURCE_CODES,
  'query.refused',
  'query.failed',
  'query.timeout',
  'limit.bytes',
  'worker.died',
];

const SETTINGS = {
  host: '127.0.0.1',
  port: 5432,
  database: 'shop',
  user: 'reports',
  password: 'a password of its own',
};
const CUSTOMERS = { table: 'customers' };

const ADMINISTRATION: OperationDocs = {
  'GET /datasources': {
    id: 'listDatasources',
    description: 'Settings and the server are shown to admins only.',
    answers: page(ShownDatasource),
  },
  'GET /datasources/:datasource': {
    id: 'getDatasource',
    description: 'Settings and the server are shown to admins only; secrets to none.',
    answers: ok(ShownDatasource),
  },
  'POST /datasources': {
    id: 'createDatasource',
    description:
      'By `settings`, or by a `dsn` that is taken apart into settings. No connection is made: test it.',
    answers: created(Datasource),
    codes: ['resource.conflict'],
    bodies: { postgres: { name: 'shop', type: 'postgres', settings: SETTINGS } },
  },
  'PATCH /datasources/:datasource': {
    id: 'updateDatasource',
    description: '`settings` is merged into those it has (JSON Merge Patch: null takes a field away).',
    answers: ok(Datasource),
    codes: ['resource.conflict'],
    bodies: { cache: { settings: { cacheTtlS: 60 } } },
  },
  'DELETE /datasources/:datasource': {
    id: 'deleteDatasource',
    description: 'The database itself is not touched. Refused while a model or sync task uses it.',
    answers: done,
    codes: ['resource.conflict'],
  },
  'POST /datasources/test': {
    id: 'testDatasourceSettings',
    description:
      'Connects and asks the server who it is. A failure is an answer (`ok: false`), not a problem.',
    answers: ok(DatasourceTest),
    bodies: { postgres: { type: 'postgres', settings: SETTINGS } },
  },
  'POST /datasources/:datasource/test': {
    id: 'testDatasource',
    description:
      'Connects by the kept settings, and keeps what the server says of itself. A failure is an answer (`ok: false`), not a problem.',
    answers: ok(DatasourceTest),
  },
  'GET /datasources/:datasource/stats': {
    id: 'getDatasourceStats',
    description: 'Of the connection pool of this process.',
    answers: ok(DatasourceStats),
  },
};

const CATALOG: OperationDocs = {
  'GET /datasources/:datasource/schemas': {
    id: 'listSchemas',
    description: "Without the server's own schemas. Kept for a while; `refresh=true` asks the server.",
    answers: list(SchemaName),
    codes: CATALOG_CODES,
  },
  'GET /datasources/:datasource/tables': {
    id: 'listTables',
    description: 'Of one schema, or of all. Kept for a while; `refresh=true` asks the server.',
    answers: page(TableInfo),
    codes: CATALOG_CODES,
    query: { schema: 'public' },
  },
  'GET /datasources/:datasource/tables/:table/columns': {
    id: 'listTableColumns',
    description: "The service's types and the server's own.",
    answers: list(TableColumn),
    codes: CATALOG_CODES,
    path: CUSTOMERS,
  },
  'GET /datasources/:datasource/tables/:table/preview': {
    id: 'previewTable',
    description: 'In no certain order.',
    answers: ok(TablePreview),
    codes: CATALOG_CODES,
    path: CUSTOMERS,
    query: { limit: 5 },
  },
};

const SECRETS: OperationDocs = {
  'GET /secrets': { id: 'listSecrets', description: 'Without their values.', answers: page(Secret) },
  'GET /secrets/:secret': { id: 'getSecret', description: 'With what refers to it.', answers: ok(Secret) },
  'POST /secrets': {
    id: 'createSecret',
    description: 'Sources refer to it by name. It is sent to the given hosts only, and no answer shows it.',
    answers: created(Secret),
    codes: ['resource.conflict'],
    bodies: { token: { name: 'crm token', value: 'a secret value', hosts: ['api.example.com'] } },
  },
  'PATCH /secrets/:secret': {
    id: 'updateSecret',
    description: 'Fields that are not given stay. Runs use the new value from now on.',
    answers: ok(Secret),
    bodies: { rotate: { value: 'another secret value' } },
  },
  'DELETE /secrets/:secret': {
    id: 'deleteSecret',
    description: 'Refused while a sync task refers to it.',
    answers: done,
    codes: ['resource.conflict'],
  },
};

export const DATASOURCES: OperationDocs = { ...ADMINISTRATION, ...CATALOG, ...SECRETS };
