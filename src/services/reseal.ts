import { AppError } from '../base/errors.ts';
import type { Seal } from '../base/seal.ts';
import type { Nouns, Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { resealAiKey } from './ai/config.ts';
import { resealSecrets } from './datasource-secrets.ts';
import { resealNamed } from './named-secrets.ts';

export interface Resealed {
  /** Sealed anew now. */
  resealed: number;
  /** Sealed under the present key already. */
  current: number;
  /** That no key opens; they stay as they are. */
  unreadable: number;
}

/** Something that has sealed values; `renew` says whether it sealed any anew, and throws AppError `storage.sealed`. */
interface Holder {
  id: string;
  renew(): Promise<boolean>;
}

async function holdersOf({ datasources, secrets, facts }: Nouns, seal: Seal): Promise<Holder[]> {
  const ofDatasources = (await datasources.secrets()).map(({ id, secrets: sealed }) => ({
    id,
    async renew() {
      const renewed = resealSecrets(id, sealed, seal);
      if (renewed) await datasources.replaceSecrets(id, renewed);
      return renewed !== undefined;
    },
  }));
  const named = (await secrets.sealed()).map(({ id, sealed }) => ({
    id,
    async renew() {
      const renewed = resealNamed(id, sealed, seal);
      if (renewed !== undefined) await secrets.replaceSealed(id, renewed);
      return renewed !== undefined;
    },
  }));
  return [...ofDatasources, ...named, ...(await resealAiKey(facts, seal))];
}

/** Ids of what has secrets that no key opens; nothing is changed. */
export async function unreadableSecrets(store: Pick<Store, 'transaction'>, seal: Seal): Promise<string[]> {
  const found: string[] = [];
  const undo = new Error('only looked');
  try {
    await store.transaction(async (nouns) => {
      for (const { id, renew } of await holdersOf(nouns, seal))
        if (!(await isReadable(renew))) found.push(id);
      throw undo;
    });
  } catch (error) {
    if (error !== undo) throw error;
  }
  return found;
}

async function isReadable(renew: () => Promise<boolean>): Promise<boolean> {
  try {
    await renew();
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'storage.sealed') return false;
    throw error;
  }
}

/**
 * Seals all that the previous key sealed under the present one, in one transaction: secrets of datasources, named secrets, the key of AI. Each
 * datasource counts as one. What no key opens is logged by its id.
 */
export async function resealAll(store: Pick<Store, 'transaction'>, seal: Seal, log: Log): Promise<Resealed> {
  const counts = { resealed: 0, current: 0, unreadable: 0 };
  await store.transaction(async (nouns) => {
    for (const { id, renew } of await holdersOf(nouns, seal)) {
      try {
        if (await renew()) counts.resealed++;
        else counts.current++;
      } catch (error) {
        if (!(error instanceof AppError && error.code === 'storage.sealed')) throw error;
        counts.unreadable++;
        log.error('secret.unreadable', { id, cause: error.message });
      }
    }
  });
  if (counts.resealed > 0) log.info('secrets.resealed', { count: counts.resealed });
  return counts;
}
