import { systemClock } from '../base/clock.ts';
import type { Caller } from '../domain/audit.ts';
import { createIdentity, type Identity } from '../services/identity.ts';
import { withStore } from '../store/with-store.ts';
import { createLog } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import type { Io } from './command.ts';
import { checkedConfig } from './settings.ts';

/** Who acts, in the audit log, when a command does. */
export const CLI: Caller = { actor: 'cli', address: null, requestId: null };

/** Whoever may run a command may read the files. */
export const CLI_PRINCIPAL = {
  userId: 'cli',
  role: 'admin',
  scopes: ['read'],
  via: { kind: 'startKey', id: 'cli' },
} as const;

/** Opens the metadata of the settings for one piece of work; the service may be running. Throws ConfigError and AppError. */
export async function withIdentity<T>(io: Io, work: (identity: Identity) => Promise<T>): Promise<T> {
  const config = checkedConfig(io.env);
  const log = createLog('warning', io.err);
  return withStore(config.METADATA_DB_PATH, log, (store) => {
    // No command signs or reads tokens, so the secret need not be known here.
    const secretKey = crypto.randomUUID();
    const metrics = createMetrics();
    return work(createIdentity({ store, clock: systemClock, metrics, log, options: config, secretKey }));
  });
}
