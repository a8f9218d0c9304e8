import Type from 'typebox';
import { CODES } from '../../../base/errors.ts';
import { Column, ColumnType } from '../../../domain/column.ts';
import { DatasourceSettings, ENGINES, TlsMode } from '../../../domain/datasource.ts';
import { Name } from '../../../domain/name.ts';
import { Count, closed, orNull, Rows, TextOrNull, Texts, Time, TimeOrNull } from './parts.ts';

const SUMMARY = {
  id: Type.String(),
  name: Name,
  type: Type.Enum([...ENGINES]),
  description: Type.String(),
  managed: Type.Boolean({ description: 'Defined by the environment: it can be read, not changed' }),
};

/** What every reader knows of a datasource. */
export const DatasourceSummary = Type.Object(SUMMARY, closed);

const FACTS = {
  version: Type.String({ description: 'As the server says it' }),
  product: Type.String({ description: 'Such as postgresql, mariadb, cockroachdb' }),
  capabilities: Type.Record(Type.String(), Type.Union([Type.Boolean(), Type.Number()])),
};

const { password: _password, tls: _tls, ...shown } = Type.Partial(DatasourceSettings).properties;

/** Settings without their secrets. */
export const ShownSettings = Type.Object(
  {
    ...shown,
    hasPassword: Type.Boolean(),
    tls: Type.Optional(
      Type.Object({ mode: TlsMode, serverName: Type.Optional(Type.String()), hasCa: Type.Boolean() }, closed),
    ),
  },
  closed,
);

/** A datasource as an administrator sees it. */
export const Datasource = Type.Object(
  {
    ...SUMMARY,
    version: Type.Integer(),
    settings: ShownSettings,
    server: orNull(Type.Object(FACTS, closed)),
    createdAt: TimeOrNull,
    updatedAt: TimeOrNull,
  },
  closed,
);

export const ShownDatasource = Type.Union([Datasource, DatasourceSummary]);

export const DatasourceTest = Type.Union([
  Type.Object({ ok: Type.Literal(true), elapsedMs: Type.Number(), warnings: Texts, ...FACTS }, closed),
  Type.Object(
    {
      ok: Type.Literal(false),
      code: Type.Enum(Object.keys(CODES)),
      detail: Type.String(),
      elapsedMs: Type.Number(),
    },
    closed,
  ),
]);

export const SchemaName = Type.Object({ name: Type.String() }, closed);

export const TableInfo = Type.Object(
  {
    schema: Type.String(),
    name: Type.String(),
    kind: Type.Enum(['table', 'view', 'materializedView', 'foreignTable']),
    comment: Type.Optional(Type.String()),
    estimatedRows: Type.Optional(Type.Number({ description: 'As the server estimates' })),
  },
  closed,
);

export const TableColumn = Type.Object(
  {
    name: Type.String(),
    type: ColumnType,
    nativeType: Type.String({ description: "The server's own name of the type" }),
    nullable: Type.Boolean(),
    precision: Type.Optional(Type.Integer()),
    scale: Type.Optional(Type.Integer()),
    comment: Type.Optional(Type.String()),
    keyPosition: Type.Optional(Type.Integer({ description: 'Place in the primary key, from 1' })),
    references: Type.Optional(
      Type.Object({ schema: Type.String(), table: Type.String(), column: Type.String() }, closed),
    ),
  },
  closed,
);

export const TablePreview = Type.Object(
  {
    columns: Type.Array(Column),
    rows: Rows,
    meta: Type.Object({ requestId: Type.String(), rowCount: Count }, closed),
  },
  closed,
);

export const DatasourceStats = Type.Object(
  {
    pool: Type.Object({ inUse: Count, idle: Count, waiting: Count, created: Count, failed: Count }, closed),
  },
  closed,
);

const SecretUse = Type.Object({ kind: Type.Enum(['syncTask']), id: Type.String(), name: Name }, closed);

/** A secret without its value. */
export const Secret = Type.Object(
  {
    id: Type.String(),
    name: Name,
    description: Type.String(),
    hosts: Texts,
    version: Type.Integer({ description: 'Grows when the value is changed' }),
    usedBy: Type.Array(SecretUse),
    createdAt: Time,
    createdBy: TextOrNull,
    updatedAt: Time,
  },
  closed,
);
