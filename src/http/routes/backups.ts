import { Elysia } from 'elysia';
import { NewBackup } from '../../domain/backup.ts';
import type { Backups } from '../../services/backups.ts';
import { callerOf } from '../caller.ts';
import { requireScope } from '../context.ts';
import { stdOptional } from '../validate.ts';

export interface BackupsRoutesDeps {
  backups: Backups;
  /** BACKUP_CRON. */
  cron: string;
}

/** Backups of the metadata, for admins. Restoring is for the command line: the service must be stopped for it. */
export function backupsRoutes({ backups, cron }: BackupsRoutesDeps) {
  return new Elysia()
    .get(
      '/admin/backup',
      async ({ request }) => {
        requireScope(request, 'admin');
        const { isSupported, folder } = backups;
        const { keep } = backups.deps;
        return { isSupported, folder: isSupported ? folder : null, keep, cron, items: await backups.list() };
      },
      { detail: { summary: 'The backups that are kept, the newest first', tags: ['admin'] } },
    )
    .post(
      '/admin/backup',
      async ({ request, body, set }) => {
        requireScope(request, 'admin');
        const { withDatasets = false } = body;
        set.status = 201;
        return backups.make({ withDatasets }, callerOf(request));
      },
      { body: stdOptional(NewBackup), detail: { summary: 'Make a backup now', tags: ['admin'] } },
    );
}
