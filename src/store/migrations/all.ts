import type { Kysely } from 'kysely';
import * as first from './0001-first.ts';
import * as datasources from './0002-datasources.ts';
import * as runs from './0003-runs.ts';
import * as jobs from './0005-jobs.ts';

export interface Migration {
  name: string;
  /** Runs in one transaction with its row in `migrations`. */
  up(db: Kysely<unknown>): Promise<void>;
}

/** In order of application; a name never changes and none is ever taken out. */
export const MIGRATIONS: readonly Migration[] = [
  { name: '0001-first', up: first.up },
  { name: '0002-datasources', up: datasources.up },
  { name: '0003-runs', up: runs.up },
  { name: '0005-jobs', up: jobs.up },
];
