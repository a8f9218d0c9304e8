import { X509Certificate } from 'node:crypto';
import { AppError } from '../base/errors.ts';
import { pointer } from '../base/pointer.ts';
import { DatasourceSettings, type SourceEngine } from './datasource.ts';
import { parseDsn } from './dsn.ts';
import type { EngineSettings, EngineTable } from './engine-settings.ts';
import { systemPlaceOf } from './readable-tables.ts';
import { parse } from './schema.ts';
import { toSourceHost } from './source-host.ts';

type Draft = Partial<DatasourceSettings>;
type Fields = Record<string, unknown>;

const AT = '/settings';
const NESTED = ['tls', 'pool', 'options'] as const;
const PLAIN_TEXT = ['database', 'user', 'schema', 'password'] as const;
/** Control characters end a text in some protocols, and what follows would be read as settings. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

const fault = (at: string, message: string, params?: Fields) =>
  new AppError('request.invalid', `${at} ${message}`, { pointer: at, params });

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const propertiesOf = (schema: unknown) => (schema as { properties?: Record<string, unknown> }).properties;

/** JSON Merge Patch (RFC 7396) of what the schema knows: null takes a field away. Throws `request.invalid` for others. */
function merge(current: Fields, patch: Fields, schema: unknown, at: string): Fields {
  const known = propertiesOf(schema);
  const merged: Fields = { ...current };
  for (const [name, value] of Object.entries(patch)) {
    const here = `${at}${pointer(name)}`;
    if (name === '__proto__' || (known && !Object.hasOwn(known, name)))
      throw fault(here, 'is not a known field');
    if (value === null) delete merged[name];
    else if (isFields(value) && (NESTED as readonly string[]).includes(name)) {
      const before = merged[name];
      merged[name] = merge(isFields(before) ? before : {}, value, known?.[name], here);
    } else merged[name] = value;
  }
  return merged;
}

function refuseConflicts(settings: Fields, fromDsn: Fields, at: string): void {
  for (const [name, value] of Object.entries(settings)) {
    const other = fromDsn[name];
    const here = `${at}${pointer(name)}`;
    if (other === undefined || value === undefined) continue;
    if (isFields(value) && isFields(other)) refuseConflicts(value, other, here);
    else if (value !== other) throw fault(here, 'says something else than the DSN; give it once');
  }
}

export interface SettingsInput {
  dsn?: string | undefined;
  settings?: Fields | undefined;
}

/** Settings of a datasource from what was sent, over those it has. Throws AppError `request.invalid` with its pointer. */
export function buildSettings(
  { dsn, settings = {} }: SettingsInput,
  type: SourceEngine,
  engines: EngineTable,
  current: Fields = {},
): DatasourceSettings {
  const fromDsn = dsn === undefined ? {} : parseDsn(dsn, type, engines);
  refuseConflicts(settings, fromDsn, AT);
  const engine = engines[type];
  const { port: _, ...kept } = current;
  const before = dsn === undefined ? current : kept; // a DSN without a port means the usual one
  const base = merge(merge(before, fromDsn, DatasourceSettings, AT), settings, DatasourceSettings, AT);
  const draft: Draft = { port: engine.defaultPort, ...base };
  for (const name of ['host', 'database', 'user'] as const)
    if (draft[name] === undefined || draft[name] === '')
      throw dsn !== undefined && !(name in settings)
        ? fault('/dsn', `names no ${name}; add it, or give settings.${name}`, { parameter: name })
        : fault(`${AT}/${name}`, 'is required');
  const complete = parse(DatasourceSettings, draft, AT);
  check(complete, engine);
  refuseSystemPlace(type, complete);
  return { ...complete, host: toSourceHost(complete.host, `${AT}/host`) };
}

function check(settings: DatasourceSettings, engine: EngineSettings): void {
  for (const name of PLAIN_TEXT)
    if (CONTROL.test(settings[name] ?? '')) throw fault(`${AT}/${name}`, 'has a control character');
  checkTls(settings);
  for (const [name, value] of Object.entries(settings.options ?? {})) checkOption(name, value, engine);
  const { timezone } = settings;
  if (timezone !== undefined && !isTimeZone(timezone))
    throw fault(`${AT}/timezone`, 'must be an IANA time zone, such as Europe/Rome');
}

function refuseSystemPlace(type: SourceEngine, settings: DatasourceSettings): void {
  const found = systemPlaceOf(type, settings);
  if (found)
    throw fault(
      `${AT}${found.field}`,
      `names ${JSON.stringify(found.name)}, which is the server's own and never read; name a place of your own tables`,
    );
}

function checkTls({ tls }: DatasourceSettings): void {
  if (!tls) return;
  const { ca, serverName, mode } = tls;
  if (serverName !== undefined) toSourceHost(serverName, `${AT}/tls/serverName`);
  if (ca === undefined) return;
  const at = `${AT}/tls/ca`;
  if (/PRIVATE KEY/.test(ca)) throw fault(at, 'holds a private key; only certificates belong here');
  const certificates = ca.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0) throw fault(at, 'must hold certificates in PEM form (BEGIN CERTIFICATE)');
  for (const certificate of certificates)
    if (!isCertificate(certificate)) throw fault(at, 'holds a certificate that cannot be read');
  if (mode !== 'verify') throw fault(at, 'is used only with the mode verify');
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).fingerprint256 !== '';
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

function checkOption(name: string, value: string | number | boolean, engine: EngineSettings): void {
  const at = `${AT}/options${pointer(name)}`;
  if (!Object.hasOwn(engine.options, name))
    throw fault(
      at,
      `is not an option of ${engine.engine}; there are ${Object.keys(engine.options).join(', ')}`,
    );
  const { type, values } = engine.options[name]!;
  if (typeof value !== type) throw fault(at, `must be a ${type}`);
  if (values && !values.includes(String(value))) throw fault(at, `must be one of ${values.join(', ')}`);
  if (typeof value === 'string' && (CONTROL.test(value) || value.length > 500))
    throw fault(at, 'must be a text of at most 500 characters without control characters');
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
