import { AppError } from '../../base/errors.ts';
import { pointer } from '../../base/pointer.ts';
import type { HttpAuth } from '../../domain/http-source.ts';
import type { Limit, Metrics } from '../../telemetry/metrics.ts';
import type { NamedSecrets } from '../named-secrets.ts';
import type { OpenSource, SyncSources } from '../sync-source.ts';
import type { Collected, Collecting, FileReader } from './collected.ts';
import { FileSource, type FileSourceDeps } from './file-source.ts';
import { FolderReader, type FolderReaderDeps } from './folder-reader.ts';
import { HttpReader, type HttpReaderDeps } from './http-reader.ts';
import { UrlReader } from './url-reader.ts';

export interface FileSourcesDeps
  extends HttpReaderDeps,
    FolderReaderDeps,
    Omit<FileSourceDeps, 'countLimit'> {
  secrets: Pick<NamedSecrets, 'mustHave'>;
  metrics: Metrics;
  /** Of dates in placeholders, where the source names none. */
  timezone: string;
}

export type FileSourceOpeners = Pick<SyncSources, 'http' | 'url' | 'folder'>;

const COUNTED: readonly Limit[] = [
  'SOURCE_MAX_PAGES',
  'WATCH_MAX_FILES',
  'UPLOAD_MAX_EXPANDED_BYTES',
  'UPLOAD_MAX_GZIP_RATIO',
  'UPLOAD_MAX_VALUE_BYTES',
  'UPLOAD_MAX_COLUMNS',
];

/** A reader whose hit limits are counted. */
function counted(reader: FileReader, count: (error: unknown) => void): FileReader {
  async function* files(given: Extract<Collected, { isUnchanged: false }>['files']) {
    try {
      yield* given;
    } catch (error) {
      count(error);
      throw error;
    }
  }
  return {
    async collect(run: Collecting) {
      try {
        const collected = await reader.collect(run);
        return collected.isUnchanged ? collected : { ...collected, files: files(collected.files) };
      } catch (error) {
        count(error);
        throw error;
      }
    },
    published: async (mark) => reader.published?.(mark),
  };
}

async function checkSecrets(auth: HttpAuth | undefined, secrets: FileSourcesDeps['secrets']): Promise<void> {
  for (const [field, value] of Object.entries(auth ?? {}))
    if (typeof value === 'object') await secrets.mustHave(value.secret, `/source/auth${pointer(field)}`);
}

/** What opens sources that give files: HTTP APIs, files at URLs, watched folders. */
export function fileSources(deps: FileSourcesDeps): FileSourceOpeners {
  const { secrets, metrics, timezone } = deps;
  const countLimit = (error: unknown) => {
    const limit = error instanceof AppError && COUNTED.find((name) => name === error.params?.limit);
    if (limit) metrics.limitsHit.inc({ limit });
  };
  const sourceDeps = { ...deps, countLimit };
  const http: OpenSource<'http'> = async (spec) => {
    const reader = counted(new HttpReader(spec, deps), countLimit);
    await checkSecrets(spec.auth, secrets);
    const { host } = new URL(spec.request.url.replace(/\{\{[^{}]*\}\}/g, ''));
    const given = {
      label: host,
      concurrencyKey: host,
      timezone: spec.timezone ?? timezone,
      options: spec.options,
    };
    return new FileSource(reader, { ...given, cursorIsMark: spec.remember !== undefined }, sourceDeps);
  };
  const url: OpenSource<'url'> = async (spec) => {
    const reader = counted(new UrlReader(spec, deps), countLimit);
    await checkSecrets(spec.auth, secrets);
    const { host } = new URL(spec.url);
    const given = { label: host, concurrencyKey: host, timezone, options: spec.options, cursorIsMark: false };
    return new FileSource(reader, given, sourceDeps);
  };
  const folder: OpenSource<'folder'> = async (spec) => {
    const reader = counted(new FolderReader(spec, deps), countLimit);
    const given = {
      label: spec.path,
      concurrencyKey: null,
      timezone,
      options: spec.options,
      cursorIsMark: false,
    };
    return new FileSource(reader, given, sourceDeps);
  };
  return { http, url, folder };
}
