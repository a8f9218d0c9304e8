import { AppError } from '../base/errors.ts';
import type { Seal } from '../base/seal.ts';
import type { DatasourceSettings, ShownSettings } from '../domain/datasource.ts';
import type { SealedSecrets } from '../store/datasources.ts';

const FIELDS = ['password', 'ca'] as const;
type Field = (typeof FIELDS)[number];
type Secrets = Partial<Record<Field, string>>;

/** What a secret is sealed for: whose it is and which. */
const place = (id: string, field: string) => `datasource/${id}/${field}`;

function split({ password, tls, ...rest }: DatasourceSettings): {
  open: DatasourceSettings;
  secrets: Secrets;
} {
  const { ca, ...openTls } = tls ?? { mode: 'off' };
  return {
    open: { ...rest, ...(tls ? { tls: openTls } : {}) },
    secrets: { ...(password === undefined ? {} : { password }), ...(ca === undefined ? {} : { ca }) },
  };
}

function join(open: DatasourceSettings, { password, ca }: Secrets): DatasourceSettings {
  const tls = open.tls && ca !== undefined ? { ...open.tls, ca } : open.tls;
  return { ...open, ...(password === undefined ? {} : { password }), ...(tls ? { tls } : {}) };
}

const fieldsOf = (sealed: SealedSecrets) => FIELDS.filter((field) => sealed[field] !== undefined);

/** Settings parted from their secrets, which are sealed for the datasource. */
export function sealSettings(id: string, settings: DatasourceSettings, seal: Seal) {
  const { open, secrets } = split(settings);
  const sealed = Object.entries(secrets).map(([field, text]) => [field, seal.seal(text, place(id, field))]);
  return { settings: open, secrets: Object.fromEntries(sealed) as SealedSecrets };
}

/** The whole settings. Throws AppError `storage.sealed`. */
export function openSettings(
  id: string,
  open: DatasourceSettings,
  sealed: SealedSecrets,
  seal: Seal,
): DatasourceSettings {
  const secrets = fieldsOf(sealed).map((field) => [field, seal.open(sealed[field]!, place(id, field))]);
  return join(open, Object.fromEntries(secrets) as Secrets);
}

/** As `openSettings`, without the secrets that no key opens; those are named in `lost`. */
export function openReadable(id: string, open: DatasourceSettings, sealed: SealedSecrets, seal: Seal) {
  const lost: Field[] = [];
  const secrets: Secrets = {};
  for (const field of fieldsOf(sealed)) {
    try {
      secrets[field] = seal.open(sealed[field]!, place(id, field));
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'storage.sealed')) throw error;
      lost.push(field);
    }
  }
  return { settings: join(open, secrets), lost };
}

/** The secrets under the present key; undefined when all are. Throws AppError `storage.sealed`. */
export function resealSecrets(id: string, sealed: SealedSecrets, seal: Seal): SealedSecrets | undefined {
  const changed = fieldsOf(sealed).map((field) => [field, seal.reseal(sealed[field]!, place(id, field))]);
  const renewed = changed.filter(([, text]) => text !== undefined);
  return renewed.length === 0 ? undefined : { ...sealed, ...Object.fromEntries(renewed) };
}

/** Settings as they may be shown, from those without secrets. */
export function shownSettings(open: DatasourceSettings, secrets: Iterable<string>): ShownSettings {
  const held = new Set(secrets);
  const { password: _, tls, ...rest } = open;
  const { mode = 'off', serverName } = tls ?? {};
  const shownTls = { mode, ...(serverName === undefined ? {} : { serverName }), hasCa: held.has('ca') };
  return { ...rest, hasPassword: held.has('password'), ...(tls ? { tls: shownTls } : {}) };
}

export const secretsIn = ({ password, tls }: DatasourceSettings): Field[] =>
  FIELDS.filter((field) => (field === 'password' ? password : tls?.ca) !== undefined);
