import { Cron } from 'croner';
import { memoryLimitBytes } from './base/memory.ts';
import { type Kind, SETTINGS, type Setting, type SettingName } from './settings.ts';

type ValueOf<K extends Kind> = K extends { type: 'int' | 'bytes' }
  ? number
  : K extends { type: 'bool' }
    ? boolean
    : K extends { type: 'list' }
      ? readonly string[]
      : K extends { type: 'enum'; values: readonly (infer V)[] }
        ? V
        : string;

type Of<S extends Setting> = S extends { default: unknown }
  ? ValueOf<S['kind']>
  : ValueOf<S['kind']> | undefined;

/** The settings, read once and frozen. Bytes are bytes; whole seconds are seconds. */
export type Config = { readonly [N in SettingName]: Of<(typeof SETTINGS)[N]> };

/** All that is wrong with the settings, a line a fault. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The settings are not valid:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

type Parsed = { value: unknown } | { fault: string };

const UNITS: Record<string, number> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TB: 1e12,
  TIB: 2 ** 40,
};

function parseBytes(raw: string, min: number): Parsed {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(raw);
  const unit = match && UNITS[match[2]!.toUpperCase()];
  if (!match || !unit) return { fault: 'must be a number of bytes, such as 1048576 or 64MiB' };
  const value = Math.floor(Number(match[1]) * unit);
  if (value < min) return { fault: `must be at least ${min} bytes` };
  return Number.isSafeInteger(value) ? { value } : { fault: 'must be less than 8192TiB' };
}

function parseInteger(raw: string, min: number, max: number): Parsed {
  const value = Number(raw);
  const valid = /^[+-]?\d+$/.test(raw) && value >= min && value <= max;
  return valid ? { value } : { fault: `must be a whole number from ${min} to ${max}` };
}

function parseUrl(raw: string): Parsed {
  const url = URL.canParse(raw) ? new URL(raw) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    return { fault: 'must be an http or https URL' };
  return { value: raw.replace(/\/+$/, '') };
}

const BOOLEANS: Record<string, boolean> = {
  '1': true,
  true: true,
  yes: true,
  on: true,
  '0': false,
  false: false,
  no: false,
  off: false,
};

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function isCron(text: string): boolean {
  if (text === 'off') return true;
  if (!/^\S+(?:\s+\S+){4,5}$/.test(text)) return false;
  try {
    return new Cron(text, { paused: true }).nextRun() !== null;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

function parse(kind: Kind, raw: string): Parsed {
  switch (kind.type) {
    case 'text':
      return !kind.pattern || kind.pattern.test(raw) ? { value: raw } : { fault: `must be ${kind.says}` };
    case 'enum': {
      const value = raw.toLowerCase();
      return kind.values.includes(value) ? { value } : { fault: `must be one of ${kind.values.join(', ')}` };
    }
    case 'int':
      if (kind.auto && raw.toLowerCase() === 'auto') return { value: kind.auto(memoryLimitBytes()) };
      return parseInteger(raw, kind.min, kind.max);
    case 'bytes':
      return parseBytes(raw, kind.min);
    case 'bool': {
      const value = BOOLEANS[raw.toLowerCase()];
      return value === undefined ? { fault: 'must be 1 or 0' } : { value };
    }
    case 'list': {
      const items = raw.split(',').map((item) => item.trim());
      const value = items.filter((item) => item !== '');
      const wrong = value.find((item) => kind.item && !kind.item.test(item));
      if (wrong !== undefined) return { fault: `${JSON.stringify(wrong)} must be ${kind.says}` };
      return { value: Object.freeze(value) };
    }
    case 'url':
      return parseUrl(raw);
    case 'cron':
      return isCron(raw) ? { value: raw } : { fault: 'must be cron of five or six fields, or `off`' };
    case 'timezone':
      return isTimeZone(raw) ? { value: raw } : { fault: 'must be an IANA time zone, such as Europe/Rome' };
  }
}

const WELL_KNOWN_SECRETS = [
  /^change[-_ ]?me/i,
  /secret[-_ ]?key/i,
  /^(.)\1*$/,
  /^(0123456789|abcdefgh|password|example|your[-_ ])/i,
  /replace/i,
];

function checkSecret(name: SettingName, key: string): string | undefined {
  if (key.length < 32) return `${name}: must have at least 32 characters`;
  if (WELL_KNOWN_SECRETS.some((known) => known.test(key)))
    return `${name}: is a well-known example; make one with: openssl rand -hex 32`;
  return undefined;
}

/** What is wrong with settings together; one that is wrong by itself is not there. */
function crossChecks(config: Config): string[] {
  const faults: string[] = [];
  if (config.SECRET_KEY !== undefined) {
    const fault = checkSecret('SECRET_KEY', config.SECRET_KEY);
    if (fault) faults.push(fault);
  } else if (config.APP_ENV === 'prod') {
    faults.push('SECRET_KEY: is required when APP_ENV is prod; make one with: openssl rand -hex 32');
  }
  if ('ADMIN_EMAIL' in config && (config.ADMIN_EMAIL === undefined) !== (config.ADMIN_PASSWORD === undefined))
    faults.push('ADMIN_EMAIL: goes together with ADMIN_PASSWORD');
  if (config.ADMIN_PASSWORD !== undefined && config.ADMIN_PASSWORD.length < 10)
    faults.push('ADMIN_PASSWORD: must have at least 10 characters');
  faults.push(...bucketFaults(config));
  return faults;
}

function bucketFaults(config: Config): string[] {
  if (config.DATASETS_S3_BUCKET === undefined) return [];
  const [id, secret] = [config.DATASETS_S3_ACCESS_KEY_ID, config.DATASETS_S3_SECRET_ACCESS_KEY];
  if ((id === undefined) !== (secret === undefined))
    return ['DATASETS_S3_ACCESS_KEY_ID: goes together with DATASETS_S3_SECRET_ACCESS_KEY'];
  if ((id === undefined) === (config.DATASETS_S3_CREDENTIALS_FILE === undefined))
    return [
      'DATASETS_S3_BUCKET: needs DATASETS_S3_ACCESS_KEY_ID with its secret, or DATASETS_S3_CREDENTIALS_FILE, and not both',
    ];
  return [];
}

/** The written default of a setting, or undefined where it has none. */
export function defaultOf(setting: Setting, before: Readonly<Record<string, unknown>>): string | undefined {
  return typeof setting.default === 'function' ? setting.default(before) : setting.default;
}

/**
 * Reads all settings from an environment; an empty value counts as unset. A setting that is at fault has its default, so that the rest can be
 * checked too.
 */
export function examineConfig(env: Record<string, string | undefined>): {
  config: Config;
  faults: string[];
} {
  const values: Record<string, unknown> = {};
  const stead: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const [name, setting] of Object.entries<Setting>(SETTINGS)) {
    const given = env[name]?.trim();
    const isUnset = given === undefined || (given === '' && setting.default !== '');
    const raw = isUnset ? defaultOf(setting, values) : given;
    const parsed = raw === undefined ? { value: undefined } : parse(setting.kind, raw);
    if ('value' in parsed) {
      values[name] = parsed.value;
      continue;
    }
    faults.push(`${name}: ${parsed.fault}`);
    const usual = defaultOf(setting, values);
    const instead = usual === undefined ? undefined : parse(setting.kind, usual);
    stead[name] = instead && 'value' in instead ? instead.value : undefined;
  }
  faults.push(...crossChecks(values as Config));
  return { config: Object.freeze({ ...values, ...stead }) as Config, faults };
}

/** All settings of an environment. Throws ConfigError with every fault at once. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const { config, faults } = examineConfig(env);
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

/** The URL without its password; also one that is written wrong, and one with a password among its parameters. */
const withoutPassword = (value: string) =>
  value
    .replace(/^([a-z][\w+]*:\/\/[^:/?#]*):[\s\S]*@/i, '$1:********@')
    .replace(/([?&]\s*password=)[^&]*/gi, '$1********');

/** The settings in force as `NAME=value` lines, secrets hidden. */
export function printConfig(config: Config): string {
  const lines = Object.entries<Setting>(SETTINGS).map(([name, setting]) => {
    const value = config[name as SettingName];
    if (value === undefined) return `# ${name} is not set`;
    if (setting.secret) return `${name}=********`;
    const text = Array.isArray(value) ? value.join(',') : String(value);
    const mayHoldPassword = setting.conceals !== undefined || setting.kind.type === 'url';
    return `${name}=${mayHoldPassword ? withoutPassword(text) : text}`;
  });
  return `${lines.join('\n')}\n`;
}
