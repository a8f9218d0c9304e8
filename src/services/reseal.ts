import { AppError } from '../base/errors.ts';
import type { Seal } from '../base/seal.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { resealSecrets } from './datasource-secrets.ts';

export interface Resealed {
  /** Sealed anew now. */
  resealed: number;
  /** Sealed under the present key already. */
  current: number;
  /** That no key opens; they stay as they are. */
  unreadable: number;
}

/** Seals what the previous key sealed under the present one, all in one transaction. Counts are of datasources; those that no key opens are logged. */
export async function resealAll(store: Pick<Store, 'transaction'>, seal: Seal, log: Log): Promise<Resealed> {
  const counts = { resealed: 0, current: 0, unreadable: 0 };
  await store.transaction(async ({ datasources }) => {
    for (const { id, secrets } of await datasources.secrets()) {
      try {
        const renewed = resealSecrets(id, secrets, seal);
        if (renewed) await datasources.replaceSecrets(id, renewed);
        if (renewed) counts.resealed++;
        else counts.current++;
      } catch (error) {
        if (!(error instanceof AppError && error.code === 'storage.sealed')) throw error;
        counts.unreadable++;
        log.error('datasource.unreadable', { id, cause: error.message });
      }
    }
  });
  if (counts.resealed > 0) log.info('datasources.resealed', { count: counts.resealed });
  return counts;
}
