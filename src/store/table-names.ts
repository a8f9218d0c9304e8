import type { Tables } from './tables.ts';

const OF_THIS_VERSION: Readonly<Record<keyof Tables, true>> = {
  users: true,
  sessions: true,
  api_keys: true,
  login_failures: true,
  audit: true,
  datasets: true,
  generations: true,
  retired_files: true,
  shared_files: true,
  datasources: true,
  models: true,
  runs: true,
  run_log: true,
  counters: true,
  leases: true,
  schedules: true,
  fires: true,
  calendars: true,
  ai_usage: true,
  secrets: true,
  sync_tasks: true,
  facts: true,
};

/** The tables of the metadata, for those who must not read them. */
export const TABLE_NAMES: readonly string[] = [...Object.keys(OF_THIS_VERSION), 'migrations'];
