import { type FaultPoints, NO_FAULTS } from '../base/fault-point.ts';
import { type AiUsageStore, aiUsageStore } from './ai-usage.ts';
import { type ApiKeyStore, apiKeyStore } from './api-keys.ts';
import { type AuditStore, auditStore } from './audit.ts';
import { type CalendarStore, calendarStore } from './calendars.ts';
import { type CurrentGenerationStore, currentGenerationStore } from './current-generations.ts';
import type { Db } from './database.ts';
import { type DatasourceStore, datasourceStore } from './datasources.ts';
import { type FactStore, factStore } from './facts.ts';
import { type LeaseStore, leaseStore } from './leases.ts';
import { type LoginFailureStore, loginFailureStore } from './login-failures.ts';
import { type ModelStore, modelStore } from './models.ts';
import { type RunClaimStore, runClaimStore } from './run-claims.ts';
import { type RunStore, runStore } from './runs.ts';
import { type ScheduleStore, scheduleStore } from './schedules.ts';
import { type SecretStore, secretStore } from './secrets.ts';
import { type SessionStore, sessionStore } from './sessions.ts';
import { type SyncTaskStore, syncTaskStore } from './sync-tasks.ts';
import { type UserStore, userStore } from './users.ts';

export interface Nouns {
  users: UserStore;
  sessions: SessionStore;
  apiKeys: ApiKeyStore;
  audit: AuditStore;
  loginFailures: LoginFailureStore;
  facts: FactStore;
  datasources: DatasourceStore;
  currentGenerations: CurrentGenerationStore;
  aiUsage: AiUsageStore;
  secrets: SecretStore;
  leases: LeaseStore;
  schedules: ScheduleStore;
  calendars: CalendarStore;
  runs: RunStore;
  runClaims: RunClaimStore;
  syncTasks: SyncTaskStore;
  models: ModelStore;
}

/** The metadata of people and what they did. */
export interface Store extends Nouns {
  /** All or nothing, under the write lock. Inside, only the nouns that are passed in may be used: the others would wait for it. */
  transaction<T>(work: (nouns: Nouns) => Promise<T>): Promise<T>;
}

const nounsOf = (db: Db, faults: FaultPoints): Nouns => ({
  users: userStore(db),
  sessions: sessionStore(db),
  apiKeys: apiKeyStore(db),
  audit: auditStore(db),
  loginFailures: loginFailureStore(db),
  facts: factStore(db),
  datasources: datasourceStore(db),
  currentGenerations: currentGenerationStore(db),
  aiUsage: aiUsageStore(db),
  secrets: secretStore(db),
  leases: leaseStore(db),
  schedules: scheduleStore(db),
  calendars: calendarStore(db),
  runs: runStore(db),
  runClaims: runClaimStore(db, faults),
  syncTasks: syncTaskStore(db),
  models: modelStore(db),
});

export function createStore(db: Db, faults: FaultPoints = NO_FAULTS): Store {
  return {
    ...nounsOf(db, faults),
    transaction: (work) => db.transaction().execute((transaction) => work(nounsOf(transaction, faults))),
  };
}
