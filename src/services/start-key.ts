import ipaddr from 'ipaddr.js';
import { type Principal, SCOPES } from '../domain/principal.ts';
import type { UserSummary } from '../domain/user.ts';
import type { Store } from '../store/store.ts';
import { randomText, sameSecret, sha256 } from './secrets.ts';

export const START_USER: UserSummary = {
  id: 'usr_start',
  email: 'start@localhost',
  name: 'Start key',
  role: 'admin',
};

export const START_PRINCIPAL: Principal = {
  userId: START_USER.id,
  role: 'admin',
  scopes: SCOPES,
  via: { kind: 'startKey', id: 'start' },
};

const PREFIX = 'sk_';

/** The key of one start: an admin's rights until the process ends, known here by its hash only. */
export interface StartKey {
  matches(candidate: string): boolean;
}

/** `text` is for the terminal, once; it is kept nowhere. One that was made before, by the supervisor of several processes, is taken over. */
export function createStartKey(text = PREFIX + randomText(40)): { text: string; key: StartKey } {
  const hash = sha256(text);
  return { text, key: { matches: (candidate) => sameSecret(sha256(candidate), hash) } };
}

export const looksLikeStartKey = (token: string) => token.startsWith(PREFIX);

export interface StartKeyConditions {
  APP_ENV: 'dev' | 'prod';
  HOST: string;
}

function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return ipaddr.isValid(bare) && ipaddr.process(bare).range() === 'loopback';
}

/** Only in development, only where nobody else can reach it, and only while nobody can sign in otherwise. */
export async function needsStartKey(store: Store, { APP_ENV, HOST }: StartKeyConditions): Promise<boolean> {
  if (APP_ENV !== 'dev' || !isLoopback(HOST)) return false;
  return (await store.users.count()) === 0 && (await store.apiKeys.count()) === 0;
}
