import Type from 'typebox';
import { AnyObject } from '../answers/parts.ts';
import {
  AuditEntry,
  Backup,
  Backups,
  ErrorCodes,
  Health,
  Readiness,
  ServiceStats,
} from '../answers/service.ts';
import { json, type OperationDocs, ok, page, text } from '../operation.ts';

const HTML = 'text/html';

export const SERVICE: OperationDocs = {
  'GET /healthz': {
    id: 'getHealth',
    description:
      'Answers as long as the process lives. Nothing else is checked: for load balancers ask readyz.',
    answers: ok(Health),
  },
  'GET /readyz': {
    id: 'getReadiness',
    description:
      'Each part by name. 503 where a part is not ready; signed-in callers also see why. The scheduler is shown, but never makes the answer 503.',
    answers: { ...ok(Readiness, 'Ready'), 503: json(Readiness, 'Not ready') },
  },
  'GET /metrics': {
    id: 'getMetrics',
    description:
      'For Prometheus. Open to the addresses of METRICS_ALLOW_IPS, to METRICS_TOKEN, and to callers with the right to admin.',
    answers: { 200: text('text/plain', 'The Prometheus text format') },
    codes: ['auth.forbidden'],
  },
  'GET /admin/stats': {
    id: 'getStats',
    description:
      'Versions, memory, workers, running and slow queries, limits that were hit; of every process.',
    answers: ok(ServiceStats),
  },
  'GET /openapi.json': {
    id: 'getOpenApi',
    description: 'This document. For every signed-in caller; open where APP_ENV is dev.',
    answers: { 200: { ...json(AnyObject, 'OpenAPI 3.1'), headers: { etag: 'Changes with the version' } } },
  },
  'GET /docs': {
    id: 'getDocsPage',
    description: 'This document as a page. For every signed-in caller; open where APP_ENV is dev.',
    answers: { 200: text(HTML, 'The page') },
  },
  'GET /docs/errors': {
    id: 'listErrorCodes',
    description: 'A page for browsers (`Accept: text/html`), JSON for others.',
    answers: {
      200: {
        description: 'Every error code',
        content: { 'application/json': ErrorCodes, [HTML]: Type.String() },
      },
    },
  },
  'GET /admin/audit': {
    id: 'listAuditEntries',
    description:
      'Sign-ins and changes. Filters are combined by and; `from` is inside the range, `to` is not.',
    answers: page(AuditEntry),
    query: { action: 'auth.login', limit: 10 },
  },
  'GET /admin/backup': {
    id: 'listBackups',
    description: 'The backups in the backup folder, and how many of them are kept.',
    answers: ok(Backups),
  },
  'POST /admin/backup': {
    id: 'createBackup',
    description:
      'Makes a backup of the metadata; with `withDatasets` also of the files of all datasets. It is there whole or not at all. Restoring is a command of the program.',
    answers: { 201: json(Backup, 'It was made') },
    codes: ['resource.conflict', 'backup.unsupported', 'storage.full'],
    bodies: { metadata: {}, full: { withDatasets: true } },
  },
};
