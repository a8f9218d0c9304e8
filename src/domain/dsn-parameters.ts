import type { SourceEngine } from './datasource.ts';
import type { EngineSettings } from './engine-settings.ts';

type TlsMode = 'off' | 'require' | 'verify';

/** What a query parameter of a DSN becomes. */
export type Meaning =
  | { pool: 'size' | 'maxOverflow' | 'timeoutS' }
  | { connectTimeout: true }
  | { tls: Readonly<Record<string, TlsMode | 'unchanged'>> }
  /** Understood with these values, which are what the driver does anyway. */
  | { only: readonly string[] }
  | { option: string }
  | { serverName: true }
  | { encrypt: true }
  | { trustServerCertificate: true }
  | { ignored: true }
  | { refused: string };

const NO_FILES =
  "names a file on the server, which is not read; the text of the authority's certificate goes into settings.tls.ca";
const NO_CLIENT_CERTIFICATE = 'asks for a client certificate, which is not used; sign in with a password';
const ONE_PLACE = 'stands in the query; it goes before the ? of the DSN';
const NO_ODBC =
  'is not taken; write the DSN with its parts, as mssql+pyodbc://user:password@host:1433/database, or use settings';
const NO_WINDOWS =
  'asks for sign-in with the operating system’s account, which is not used; give a user and a password';

/** A server that cannot encrypt is refused where the DSN prefers encryption: a password never goes out in the clear by surprise. */
const SSL_MODES = {
  disable: 'off',
  allow: 'require',
  prefer: 'require',
  require: 'require',
  'verify-ca': 'verify',
  'verify-full': 'verify',
} as const;

const COMMON: Readonly<Record<string, Meaning>> = {
  sapoolsize: { pool: 'size' },
  samaxoverflow: { pool: 'maxOverflow' },
  sapooltimeout: { pool: 'timeoutS' },
  connecttimeout: { connectTimeout: true },
  host: { refused: ONE_PLACE },
  hostaddr: { refused: ONE_PLACE },
  port: { refused: ONE_PLACE },
  user: { refused: ONE_PLACE },
  password: { refused: ONE_PLACE },
  dbname: { refused: ONE_PLACE },
  database: { refused: ONE_PLACE },
};

const OWN: Readonly<Record<SourceEngine, Readonly<Record<string, Meaning>>>> = {
  postgres: {
    sslmode: { tls: SSL_MODES },
    ssl: { tls: { ...SSL_MODES, true: 'require', false: 'off' } },
    sslrootcert: { refused: NO_FILES },
    sslcrl: { refused: NO_FILES },
    sslcert: { refused: NO_CLIENT_CERTIFICATE },
    sslkey: { refused: NO_CLIENT_CERTIFICATE },
    passfile: {
      refused: 'names a file on the server, which is not read; the password stands in the DSN or in settings',
    },
    service: {
      refused: 'names a file on the server, which is not read; settings stand in the DSN or in settings',
    },
    options: { refused: 'would pass any setting to the server; use settings.schema and settings.options' },
    clientencoding: { only: ['utf8', 'utf-8', 'auto'] },
    charset: { only: ['utf8', 'utf-8'] },
    gssencmode: { only: ['disable', 'prefer'] },
    channelbinding: { only: ['disable', 'prefer'] },
    targetsessionattrs: { only: ['any', 'read-only', 'prefer-standby'] },
  },
  mysql: {
    sslmode: {
      tls: {
        disable: 'off',
        disabled: 'off',
        prefer: 'require',
        preferred: 'require',
        require: 'require',
        required: 'require',
        'verify-ca': 'verify',
        verify_ca: 'verify',
        verify_identity: 'verify',
        'verify-full': 'verify',
      },
    },
    ssl: { tls: { true: 'require', '1': 'require', false: 'off', '0': 'off' } },
    ssldisabled: { tls: { true: 'off', '1': 'off', false: 'unchanged', '0': 'unchanged' } },
    sslverifycert: { tls: { true: 'verify', '1': 'verify', false: 'unchanged', '0': 'unchanged' } },
    sslverifyidentity: { tls: { true: 'verify', '1': 'verify', false: 'unchanged', '0': 'unchanged' } },
    sslca: { refused: NO_FILES },
    sslcapath: { refused: NO_FILES },
    sslcert: { refused: NO_CLIENT_CERTIFICATE },
    sslkey: { refused: NO_CLIENT_CERTIFICATE },
    unixsocket: { refused: 'names a Unix socket, which is not used; give a host and a port' },
    charset: { only: ['utf8mb4', 'utf8', 'utf8mb3'] },
    useunicode: { only: ['1', 'true'] },
    readdefaultfile: { refused: 'names a file on the server, which is not read' },
    localinfile: { only: ['0', 'false'] },
    initcommand: { refused: 'would run any statement; it is not taken' },
  },
  mssql: {
    odbcconnect: { refused: NO_ODBC },
    trustedconnection: { refused: NO_WINDOWS },
    integratedsecurity: { refused: NO_WINDOWS },
    authentication: { refused: NO_WINDOWS },
    timeout: { connectTimeout: true },
    connectiontimeout: { connectTimeout: true },
    logintimeout: { connectTimeout: true },
    servercertificate: { refused: NO_FILES },
  },
};

const WORDS = {
  ignored: { ignored: true },
  encrypt: { encrypt: true },
  trustServerCertificate: { trustServerCertificate: true },
  hostNameInCertificate: { serverName: true },
} as const satisfies Record<string, Meaning>;

const folded = (name: string) => name.toLowerCase().replace(/[\s_-]/g, '');

/** What the parameter says to this engine; undefined where nobody knows it. */
export function meaningOf(name: string, engine: EngineSettings): Meaning | undefined {
  const short = folded(name);
  const find = <T>(table: Readonly<Record<string, T>>) =>
    Object.hasOwn(table, short) ? table[short] : undefined;
  const known = find(COMMON) ?? find(OWN[engine.engine]);
  if (known) return known;
  const said = find(engine.dsnParameters ?? {});
  if (said !== undefined) return typeof said === 'string' ? WORDS[said] : said;
  const option = Object.keys(engine.options).find((each) => folded(each) === short);
  return option === undefined ? undefined : { option };
}
