import Type, { type Static } from 'typebox';
import { Name } from './name.ts';

const closed = { additionalProperties: false } as const;

export const ENGINES = ['postgres', 'mysql', 'mssql'] as const;
export type SourceEngine = (typeof ENGINES)[number];

/** `verify` checks the server's certificate and name; `require` encrypts without checking; `off` does not encrypt. */
export const TlsMode = Type.Enum(['off', 'require', 'verify']);

/** How to reach a database. One shape for every engine; what an engine's options may hold stands in its `settings.ts`. */
export const DatasourceSettings = Type.Object(
  {
    host: Type.String({ minLength: 1, maxLength: 255 }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    database: Type.String({ minLength: 1, maxLength: 128 }),
    user: Type.String({ minLength: 1, maxLength: 128 }),
    /** Sealed at rest and never returned. */
    password: Type.Optional(Type.String({ maxLength: 1024 })),
    tls: Type.Optional(
      Type.Object(
        {
          mode: TlsMode,
          ca: Type.Optional(Type.String({ maxLength: 100_000 })),
          serverName: Type.Optional(Type.String({ maxLength: 255 })),
        },
        closed,
      ),
    ),
    /** The schema of tables that are named without one. */
    schema: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    pool: Type.Optional(
      Type.Object(
        {
          /** Connections that are kept. */
          size: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
          /** Connections on top of them under load. */
          maxOverflow: Type.Optional(Type.Integer({ minimum: 0, maximum: 500 })),
          /** Seconds to wait for one. */
          timeoutS: Type.Optional(Type.Number({ minimum: 0.1, maximum: 600 })),
        },
        closed,
      ),
    ),
    /** Seconds to wait for the server when connecting. */
    connectTimeoutS: Type.Optional(Type.Number({ minimum: 0.1, maximum: 120 })),
    /** Of the allow-list of the engine's `settings.ts`. */
    options: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    ),
    /** `exact`: case, accents and trailing spaces count in equality and grouping; `database`: the collation decides. */
    textComparison: Type.Optional(Type.Enum(['exact', 'database'])),
    /** Seconds that answers may be kept; 0 asks anew each time. */
    cacheTtlS: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
    /** Runs of sync tasks that read it at once. */
    syncConcurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
    /** The zone of wall-clock times that the server itself calls local. */
    timezone: Type.Optional(Type.String({ maxLength: 64 })),
  },
  closed,
);
export type DatasourceSettings = Static<typeof DatasourceSettings>;

/** What was found out about a server when it was first reached; kept with the datasource. */
export interface ServerFacts {
  /** As the server says it. */
  version: string;
  /** The family behind the protocol, such as `mariadb`, `cockroachdb`, `redshift`, `tidb`. */
  product: string;
  /** What this server can do beyond or below its engine's common ground. */
  capabilities: Record<string, boolean | number>;
}

export const DatasourceInput = Type.Object(
  {
    name: Name,
    type: Type.Enum([...ENGINES]),
    description: Type.Optional(Type.String({ maxLength: 10_000 })),
    /** A URL that is taken apart into settings. */
    dsn: Type.Optional(Type.String({ minLength: 1, maxLength: 10_000 })),
    settings: Type.Optional(Type.Partial(DatasourceSettings)),
  },
  closed,
);
export type DatasourceInput = Static<typeof DatasourceInput>;

/** A datasource as the query path needs it, secrets opened. `version` changes whenever its settings do. */
export interface DatasourceConnection {
  id: string;
  name: string;
  version: number;
  engine: SourceEngine;
  settings: DatasourceSettings;
  /** Of ServerFacts, once it is known. */
  product?: string;
}

/**
 * A change of a datasource. `settings` is merged into those it has (JSON Merge Patch: null takes a field away); the password
 * stays unless one is given.
 */
export const DatasourcePatch = Type.Object(
  {
    name: Type.Optional(Name),
    description: Type.Optional(Type.String({ maxLength: 10_000 })),
    dsn: Type.Optional(Type.String({ minLength: 1, maxLength: 10_000 })),
    settings: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  { ...closed, minProperties: 1 },
);
export type DatasourcePatch = Static<typeof DatasourcePatch>;

/** Settings to be tried out without being kept; the name is that of a form that is not sent yet. */
export const DatasourceTrial = Type.Object(
  {
    name: Type.Optional(Name),
    description: Type.Optional(Type.String({ maxLength: 10_000 })),
    type: Type.Enum([...ENGINES]),
    dsn: Type.Optional(Type.String({ minLength: 1, maxLength: 10_000 })),
    settings: Type.Optional(Type.Partial(DatasourceSettings)),
  },
  closed,
);
export type DatasourceTrial = Static<typeof DatasourceTrial>;

/** What everybody who may read knows of a datasource. */
export interface DatasourceSummary {
  id: string;
  name: string;
  type: SourceEngine;
  description: string;
  /** Defined by the environment: to be read, not changed. */
  managed: boolean;
}

/** Settings as they are shown: that there are secrets, not what they are. */
export interface ShownSettings extends Omit<DatasourceSettings, 'password' | 'tls'> {
  hasPassword: boolean;
  tls?: { mode: 'off' | 'require' | 'verify'; serverName?: string; hasCa: boolean };
}

/** A datasource as those see it who may change it. */
export interface Datasource extends DatasourceSummary {
  version: number;
  settings: ShownSettings;
  /** What its server said when it was last asked; null before. */
  server: ServerFacts | null;
  createdAt: string | null;
  updatedAt: string | null;
}

/** Connections of a datasource in this process. */
export interface PoolStats {
  inUse: number;
  idle: number;
  waiting: number;
  created: number;
  failed: number;
}

/** A column of a table in a database. */
export interface TableColumn {
  name: string;
  /** One of domain/column.ts. */
  type: import('./column.ts').ColumnType;
  /** The server's own name of the type. */
  nativeType: string;
  nullable: boolean;
  /** Digits in all and behind the point, of decimals. */
  precision?: number;
  scale?: number;
  comment?: string;
  /** Place in the primary key, counted from 1. */
  keyPosition?: number;
  references?: { schema: string; table: string; column: string };
}

export interface TableInfo {
  schema: string;
  name: string;
  kind: 'table' | 'view' | 'materializedView' | 'foreignTable';
  comment?: string;
  /** As the server estimates; undefined where it does not say. */
  estimatedRows?: number;
}
