import type { Kysely } from 'kysely';
import * as first from './0001-first.ts';
import * as datasources from './0002-datasources.ts';
import * as runs from './0003-runs.ts';
import * as models from './0004-models.ts';
import * as jobs from './0005-jobs.ts';
import * as sync from './0006-sync.ts';
import * as secrets from './0007-secrets.ts';
import * as ai from './0008-ai.ts';
import * as sharedFiles from './0009-shared-files.ts';
import * as syncVersions from './0010-sync-versions.ts';
import * as uploadOrigins from './0011-upload-origins.ts';

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
  { name: '0004-models', up: models.up },
  { name: '0005-jobs', up: jobs.up },
  { name: '0006-sync', up: sync.up },
  { name: '0007-secrets', up: secrets.up },
  { name: '0008-ai', up: ai.up },
  { name: '0009-shared-files', up: sharedFiles.up },
  { name: '0010-sync-versions', up: syncVersions.up },
  { name: '0011-upload-origins', up: uploadOrigins.up },
];
