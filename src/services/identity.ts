import { type Clock, iso } from '../base/clock.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { ApiKeys } from './api-keys.ts';
import { Audit } from './audit.ts';
import { Authenticator } from './authenticator.ts';
import { KnownDevices } from './known-devices.ts';
import { LoginThrottle, type ThrottleOptions } from './login-throttle.ts';
import { PasswordCheck } from './password-check.ts';
import { Passwords } from './passwords.ts';
import { SessionTokens } from './session-token.ts';
import { SignIn, type SignInOptions } from './sign-in.ts';
import { createStartKey, needsStartKey, type StartKeyConditions } from './start-key.ts';
import { type FirstAdmin, Users } from './users.ts';

/** Of the settings, those that say who may sign in and how; a Config fits. */
export interface IdentityOptions extends ThrottleOptions, SignInOptions {
  PASSWORD_HASH_CONCURRENCY: number;
  AUDIT_DAYS: number;
  LOGIN_DEVICE_DAYS: number;
  SECRET_KEY_PREVIOUS?: string | undefined;
}

export interface IdentityDeps {
  store: Store;
  clock: Clock;
  metrics: Metrics;
  log: Log;
  options: IdentityOptions;
  /** The secret in force, given or generated. */
  secretKey: string;
}

/** All that has to do with who is asking. */
export interface Identity {
  authenticator: Authenticator;
  signIn: SignIn;
  users: Users;
  apiKeys: ApiKeys;
  audit: Audit;
  /** Removes what is too old to matter: audit entries, ended sessions, failures of sign-in. To be called now and then; gives how many audit entries that were. */
  sweep(): Promise<{ auditEntries: number }>;
}

const DAY_MS = 86_400_000;

export function createIdentity(deps: IdentityDeps): Identity {
  const { store, clock, metrics, log, options } = deps;
  const tokens = new SessionTokens(deps.secretKey, options.SECRET_KEY_PREVIOUS);
  const authenticator = new Authenticator({ store, tokens, clock, log });
  const forget = () => authenticator.forget();
  const audit = new Audit(store, clock);
  const passwords = new Passwords(options.PASSWORD_HASH_CONCURRENCY, metrics);
  const throttle = new LoginThrottle(store, clock, metrics, options);
  const devices = new KnownDevices(options.LOGIN_DEVICE_DAYS, deps.secretKey, options.SECRET_KEY_PREVIOUS);
  const check = new PasswordCheck({ store, clock, metrics, audit, passwords, throttle });
  return {
    authenticator,
    audit,
    signIn: new SignIn({ store, clock, audit, passwords, check, devices, tokens, authenticator, options }),
    users: new Users({ store, clock, audit, passwords, forget }),
    apiKeys: new ApiKeys({ store, clock, audit, forget }),
    async sweep() {
      const now = clock.now();
      const removed = await audit.prune(options.AUDIT_DAYS);
      await store.sessions.removeExpired(iso(now - DAY_MS));
      await store.loginFailures.removeBefore(iso(now - options.LOGIN_WINDOW_SECONDS * 1000));
      log.debug('identity.swept', { auditEntries: removed });
      return { auditEntries: removed };
    },
  };
}

export interface FirstAccess {
  /** The admin of ADMIN_EMAIL was made just now. */
  madeAdmin: boolean;
  /** To be shown in the terminal, once; undefined when there is another way to sign in. */
  startKey: string | undefined;
}

/**
 * At start: makes the first admin, or else, in development on a loopback host that nobody can sign in to, a key for this start;
 * `given` is the one of all processes of a supervisor.
 */
export async function openFirstAccess(
  identity: Identity,
  store: Store,
  settings: FirstAdmin & StartKeyConditions,
  given?: string,
): Promise<FirstAccess> {
  const madeAdmin = await identity.users.ensureFirstAdmin(settings);
  if (given === undefined && !(await needsStartKey(store, settings)))
    return { madeAdmin, startKey: undefined };
  const { text, key } = createStartKey(given);
  identity.authenticator.acceptStartKey(key);
  return { madeAdmin, startKey: text };
}
