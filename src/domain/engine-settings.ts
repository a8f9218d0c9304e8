import type { SourceEngine } from './datasource.ts';

export interface EngineOption {
  type: 'string' | 'number' | 'boolean';
  values?: readonly string[];
  help: string;
}

/**
 * What a query parameter of a DSN says beside those that every engine has. `ignored` is understood and changes nothing;
 * `encrypt` and `trustServerCertificate` are ODBC's words for TLS.
 */
export type DsnParameter =
  | 'ignored'
  | 'encrypt'
  | 'trustServerCertificate'
  | 'hostNameInCertificate'
  | { option: string };

/** DSN forms of an engine and what may stand in its options; also the source of the form and the documentation. */
export interface EngineSettings {
  engine: SourceEngine;
  defaultPort: number;
  /** URL schemes, without the colon, such as `postgresql+psycopg`. */
  schemes: readonly string[];
  /** Option name → what it may hold and what it means. An option that is not here is refused. */
  options: Readonly<Record<string, EngineOption>>;
  /** By name in lower case without spaces, hyphens and underscores. */
  dsnParameters?: Readonly<Record<string, DsnParameter>>;
}

export type EngineTable = Readonly<Record<SourceEngine, EngineSettings>>;
