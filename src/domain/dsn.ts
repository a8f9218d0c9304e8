import { AppError } from '../base/errors.ts';
import type { DatasourceSettings, SourceEngine } from './datasource.ts';
import { type Meaning, meaningOf } from './dsn-parameters.ts';
import type { EngineOption, EngineSettings, EngineTable } from './engine-settings.ts';
import { toSourceHost } from './source-host.ts';

type OptionValue = string | number | boolean;

/** What a DSN says; what it leaves out is not there. */
export type DsnSettings = Partial<DatasourceSettings>;

/** As SQLAlchemy reads URLs: the user ends at the first colon, the password at the last @ before the host. */
const FORM =
  /^([\w+]{1,40}):\/\/(?:([^:/]*)(?::([^@]*))?@)?(?:\[([^\]/?]*)\]|([^/:?]*))(?::([^/?]*))?(?:\/([^?]*))?(?:\?([\s\S]*))?$/;

const MAX_SHOWN = 60;

function fault(message: string, pointer: string, params?: Record<string, unknown>): AppError {
  return new AppError('request.invalid', `${pointer} ${message}`, { pointer, params });
}

const shown = (name: string) =>
  JSON.stringify(name.length > MAX_SHOWN ? `${name.slice(0, MAX_SHOWN)}…` : name);

function decode(text: string, what: string, pointer: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new AppError(
      'request.invalid',
      `${pointer} has a broken escape in its ${what}; a % is written %25`,
      {
        pointer,
        cause,
      },
    );
  }
}

function engineOf(scheme: string, engines: EngineTable, pointer: string): EngineSettings {
  const found = Object.values(engines).find(({ schemes }) => schemes.includes(scheme.toLowerCase()));
  if (found) return found;
  const known = Object.values(engines).flatMap(({ schemes }) => schemes);
  throw fault(`has the unknown scheme ${shown(scheme)}; known are ${known.join(', ')}`, pointer, {
    parameter: 'scheme',
  });
}

/** Takes a DSN apart, without its text in any error. Throws AppError `request.invalid` at `pointer`, with `params.parameter`. */
export function parseDsn(
  dsn: string,
  type: SourceEngine,
  engines: EngineTable,
  pointer = '/dsn',
): DsnSettings {
  const match = FORM.exec(dsn.trim());
  if (!match)
    throw fault('must have the form scheme://user:password@host:port/database?parameter=value', pointer);
  const [, scheme = '', user, password, ipv6, name = '', port = '', database = '', query = ''] = match;
  const engine = engineOf(scheme, engines, pointer);
  if (engine.engine !== type)
    throw fault(`is of ${engine.engine}, but the type is ${type}`, pointer, { parameter: 'scheme' });
  const settings: DsnSettings = {};
  if (user) settings.user = decode(user, 'user', pointer);
  if (password !== undefined) settings.password = decode(password, 'password', pointer);
  const server = ipv6 === undefined ? decode(name, 'host', pointer) : `[${ipv6}]`;
  readServer(server, settings, engine, pointer);
  if (port !== '') settings.port = toPort(port, pointer);
  if (database !== '') settings.database = decode(database, 'database', pointer);
  for (const [parameter, value] of parametersOf(query, pointer)) {
    const meaning = meaningOf(parameter, engine);
    if (!meaning)
      throw fault(`has the unknown parameter ${shown(parameter)}`, pointer, {
        parameter: parameter.slice(0, MAX_SHOWN),
      });
    apply({ parameter, value, meaning, engine, pointer }, settings);
  }
  return settings;
}

function readServer(text: string, settings: DsnSettings, engine: EngineSettings, pointer: string): void {
  if (text === '') return;
  const [host = '', instance] = 'instanceName' in engine.options ? text.split('\\') : [text];
  settings.host = toSourceHost(host, pointer);
  if (instance) settings.options = { ...settings.options, instanceName: instance };
}

function toPort(text: string, pointer: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535)
    throw fault('must have a port from 1 to 65535', pointer, { parameter: 'port' });
  return port;
}

/** As forms are written: + is a space. A parameter may come once. */
function parametersOf(query: string, pointer: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const text = (raw: string) => decode(raw.replaceAll('+', ' '), 'query', pointer);
    const name = text(equals < 0 ? part : part.slice(0, equals));
    if (found.has(name))
      throw fault(`has the parameter ${shown(name)} more than once`, pointer, {
        parameter: name.slice(0, MAX_SHOWN),
      });
    found.set(name, equals < 0 ? '' : text(part.slice(equals + 1)));
  }
  return found;
}

interface Parameter {
  parameter: string;
  value: string;
  meaning: Meaning;
  engine: EngineSettings;
  pointer: string;
}

const parameterFault = ({ parameter, pointer }: Parameter, message: string) =>
  fault(`has the parameter ${shown(parameter)}, which ${message}`, pointer, { parameter });

function apply(given: Parameter, settings: DsnSettings): void {
  const { meaning, value, engine } = given;
  if ('refused' in meaning) throw parameterFault(given, meaning.refused);
  if ('pool' in meaning) settings.pool = { ...settings.pool, [meaning.pool]: toNumber(given) };
  else if ('connectTimeout' in meaning) settings.connectTimeoutS = toNumber(given);
  else if ('tls' in meaning) setTls(settings, one(given, meaning.tls), given);
  else if ('only' in meaning) one(given, Object.fromEntries(meaning.only.map((each) => [each, true])));
  else if ('serverName' in meaning) settings.tls = { mode: 'verify', ...settings.tls, serverName: value };
  else if ('encrypt' in meaning) setEncrypt(given, settings);
  else if ('trustServerCertificate' in meaning) setTrust(given, settings);
  else if ('option' in meaning) {
    const option = engine.options[meaning.option];
    if (option) settings.options = { ...settings.options, [meaning.option]: toOption(given, option) };
  }
}

/** The value that a word stands for. */
function one<T>(given: Parameter, table: Readonly<Record<string, T>>): T {
  const word = given.value.toLowerCase();
  if (Object.hasOwn(table, word)) return table[word]!;
  throw parameterFault(given, `must be one of ${Object.keys(table).join(', ')}`);
}

function toNumber(given: Parameter): number {
  if (!/^\d{1,6}(?:\.\d{1,3})?$/.test(given.value)) throw parameterFault(given, 'must be a number');
  return Number(given.value);
}

const BOOLEANS = { yes: true, true: true, '1': true, no: false, false: false, '0': false };

function toOption(given: Parameter, { type, values }: EngineOption): OptionValue {
  if (type === 'number') return toNumber(given);
  if (type === 'boolean') return one(given, BOOLEANS);
  return values
    ? one(given, Object.fromEntries(values.map((each) => [each.toLowerCase(), each])))
    : given.value;
}

function setTls(
  settings: DsnSettings,
  mode: 'off' | 'require' | 'verify' | 'unchanged',
  given: Parameter,
): void {
  if (mode === 'unchanged') return;
  const before = settings.tls?.mode;
  if (before !== undefined && before !== mode && (before === 'off' || mode === 'off'))
    throw parameterFault(given, 'contradicts another parameter about TLS');
  settings.tls = { ...settings.tls, mode: before === 'verify' ? before : mode };
}

const ENCRYPT = {
  yes: 'verify',
  mandatory: 'verify',
  true: 'verify',
  '1': 'verify',
  strict: 'strict',
  no: 'off',
  optional: 'off',
  false: 'off',
  '0': 'off',
} as const;

function setEncrypt(given: Parameter, settings: DsnSettings): void {
  const asked = one(given, ENCRYPT);
  const trusting = settings.tls?.mode === 'require';
  if (asked === 'strict') settings.options = { ...settings.options, encrypt: 'strict' };
  const mode = asked === 'off' ? 'off' : trusting && asked !== 'strict' ? 'require' : 'verify';
  settings.tls = { ...settings.tls, mode };
}

/** Says that the certificate is not checked; nothing where the connection is not encrypted, or strictly so. */
function setTrust(given: Parameter, settings: DsnSettings): void {
  const isTrusting = one(given, BOOLEANS);
  if (settings.tls?.mode === 'off' || settings.options?.encrypt === 'strict') return;
  settings.tls = { ...settings.tls, mode: isTrusting ? 'require' : 'verify' };
}
