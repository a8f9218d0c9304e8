import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../../../src/base/errors.ts';
import type { HttpSource } from '../../../../src/domain/http-source.ts';
import { extractRows } from '../../../../src/lake/extract-rows.ts';
import type { IngestOptions, IngestRunner } from '../../../../src/lake/jobs.ts';
import type { Collecting } from '../../../../src/services/ingest/collected.ts';
import { HttpAuthenticator } from '../../../../src/services/ingest/http-auth.ts';
import { HttpReader } from '../../../../src/services/ingest/http-reader.ts';
import { clientFor } from '../../outbound/kit.ts';

export const NOW = Date.parse('2026-03-10T12:00:00Z');

/** Parts of a run over real servers; the clock stands still but for what is slept. */
export async function openKit(secrets: Record<string, string> = {}) {
  const uploads = await mkdtemp(join(tmpdir(), 'ingest-'));
  const clock = { at: NOW, now: () => clock.at };
  const slept: number[] = [];
  const logged: { text: string; facts: Record<string, unknown> }[] = [];
  const { client: outbound, metrics } = clientFor(['127.0.0.1']);
  const limits = { uploads, maxValueBytes: 1 << 20, maxExpandedBytes: 1 << 24, maxGzipRatio: 300 };
  const ingest = {
    run: (job: Parameters<typeof extractRows>[0], { signal }: { signal: AbortSignal }) =>
      extractRows(job, limits as unknown as IngestOptions, signal),
  } as unknown as IngestRunner;
  const store = {
    async open(name: string, _host: string, pointer: string) {
      const value = secrets[name];
      if (value === undefined)
        throw new AppError('secret.missing', `There is no secret ${name}`, { pointer });
      return value;
    },
  };
  const authenticator = new HttpAuthenticator({ outbound, secrets: store, clock });
  const deps = {
    ...{ outbound, authenticator, ingest, clock },
    maxPages: 50,
    maxBytes: 1 << 20,
    random: () => 0.5,
    async sleep(ms: number, signal: AbortSignal) {
      signal.throwIfAborted();
      slept.push(ms);
      clock.at += ms;
    },
  };
  const run = (more: Partial<Collecting> = {}): Collecting => ({
    values: { nowMs: clock.now(), timezone: 'UTC', from: null, to: null, cursor: null },
    mark: undefined,
    newFile: async () => join(uploads, crypto.randomUUID()),
    onBytes: () => undefined,
    log: (text, facts) => logged.push({ text, facts }),
    signal: new AbortController().signal,
    ...more,
  });
  return {
    ...{ uploads, clock, slept, logged, outbound, metrics, authenticator, deps, run, secrets },
    /** What a source gives: its one file's text and mark; undefined where there is none. */
    async read(spec: Omit<HttpSource, 'kind'>, more: Partial<Collecting> = {}) {
      const collected = await new HttpReader({ kind: 'http', ...spec }, deps).collect(run(more));
      if (collected.isUnchanged) throw new Error('an API has no unchanged state');
      const found: { text: string; mark: unknown; format: string | undefined }[] = [];
      for await (const { path, mark, format } of collected.files)
        found.push({ text: await Bun.file(path).text(), mark, format });
      return found[0];
    },
    [Symbol.asyncDispose]: () => rm(uploads, { recursive: true, force: true }),
  };
}

export const lines = (text: string | undefined) =>
  (text ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
