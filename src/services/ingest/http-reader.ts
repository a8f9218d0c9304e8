import { AppError } from '../../base/errors.ts';
import type { HttpSource } from '../../domain/http-source.ts';
import { parseJsonPath } from '../../domain/json-path.ts';
import type { Extracted, IngestRunner } from '../../lake/jobs.ts';
import { type Call, type CallDeps, call } from './call.ts';
import {
  type Collected,
  type CollectedFile,
  type Collecting,
  type FileReader,
  saveBytes,
} from './collected.ts';
import { checkAuth } from './http-auth.ts';
import { type Look, type Pager, pagerOf, pagingFault } from './pager.ts';
import { type BuiltRequest, requestTemplate } from './request-template.ts';

export interface HttpReaderDeps extends CallDeps {
  ingest: IngestRunner;
  maxPages: number;
  maxBytes: number;
}

/** Facts of one answer. */
interface Page {
  number: number;
  url: string;
  headers: Readonly<Record<string, string>>;
  isEnd: boolean;
  bytes: number;
}

const ACCEPT = {
  json: 'application/json',
  ndjson: 'application/x-ndjson, application/jsonl, application/json;q=0.5',
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet, application/octet-stream',
} as const;

const nothing: Extracted = { rows: 0, hash: '', found: [], rootFound: true, bytes: 0 };

/** Rows of an HTTP API as one file. */
export class HttpReader implements FileReader {
  readonly #build: ReturnType<typeof requestTemplate>;
  readonly #format: NonNullable<HttpSource['format']>;
  readonly #paging: NonNullable<HttpSource['paging']>;
  #lastCallMs = Number.NEGATIVE_INFINITY;

  /** Checks the source. Throws AppError `request.invalid` with pointers under `/source`. */
  constructor(
    readonly spec: HttpSource,
    readonly deps: HttpReaderDeps,
  ) {
    this.#build = requestTemplate(spec.request, '/source/request');
    this.#format = spec.format ?? 'json';
    this.#paging = spec.paging ?? { type: 'none' };
    checkAuth(spec.auth);
    this.#check();
  }

  async collect(run: Collecting): Promise<Collected> {
    return { isUnchanged: false, files: this.#files(run) };
  }

  async *#files(run: Collecting): AsyncGenerator<CollectedFile> {
    const pager = pagerOf(this.#paging);
    const rows = await run.newFile();
    const isParquet = this.#format === 'parquet';
    const page = isParquet ? rows : await run.newFile();
    let total = 0;
    let remembered = run.mark;
    let mediaType: string | undefined;
    const wanted = this.#look(pager);
    for (let number = 1; ; number++) {
      this.#checkPages(number);
      const answer = await this.#fetch(number, pager, page, run);
      if (answer.isEnd) break;
      const extracted = isParquet
        ? { ...nothing, rows: answer.bytes > 0 ? 1 : 0 }
        : await this.#extract(answer, page, rows, wanted, run.signal);
      total += extracted.rows;
      if (this.spec.remember) remembered = extracted.found.at(-1) ?? remembered;
      run.log('A page was read', {
        page: number,
        rows: isParquet ? null : extracted.rows,
        bytes: answer.bytes,
      });
      const { url, headers } = answer;
      mediaType ??= headers['content-type'];
      if (run.isProbe) break;
      const found = extracted.found.slice(0, pager.look.length);
      if (!pager.advance({ url, headers, rows: extracted.rows, hash: extracted.hash, found })) break;
    }
    if (total === 0) return;
    const format = this.#format === 'json' ? 'ndjson' : this.#format;
    yield { path: rows, name: this.#name(), mediaType, format, mark: remembered };
  }

  #look(pager: Pager): Look[] {
    const { remember } = this.spec;
    return [
      ...pager.look,
      ...(remember ? [{ path: remember.path, in: remember.from ?? ('page' as const) }] : []),
    ];
  }

  async #fetch(number: number, pager: Pager, path: string, run: Collecting): Promise<Page> {
    const { spec, deps } = this;
    await this.#pace(run.signal);
    const endStatuses = (number > 1 && 'endStatuses' in this.#paging && this.#paging.endStatuses) || [];
    let asked = '';
    const what: Call = {
      request: () => {
        const request = this.#request(run);
        pager.apply(request);
        asked = request.url.href;
        return request;
      },
      auth: spec.auth,
      retry: spec.retry,
      page: number,
      expected: endStatuses,
      signal: run.signal,
      onWait: (failure, waitMs) =>
        run.log('The source is asked again', { page: number, code: failure.code, waitMs }),
    };
    return call(deps, what, async (answer) => {
      const isEnd = endStatuses.includes(answer.status);
      const bytes = isEnd ? 0 : (await saveBytes(answer.body, path, run.onBytes)).bytes;
      return { number, url: asked, headers: answer.headers, isEnd, bytes };
    });
  }

  #request(run: Collecting): BuiltRequest {
    const request = this.#build(run.values);
    return { ...request, headers: { accept: ACCEPT[this.#format], ...request.headers } };
  }

  async #extract(
    answer: Page,
    page: string,
    rows: string,
    look: readonly Look[],
    signal: AbortSignal,
  ): Promise<Extracted> {
    if (answer.bytes === 0) return nothing;
    const { number } = answer;
    const { root = '', nested = 'flatten' } = this.spec;
    const format = this.#format as 'json' | 'ndjson' | 'csv';
    const job = { kind: 'extract' as const, page, rows, format, root, nested, look, isFirst: number === 1 };
    let extracted: Extracted;
    try {
      extracted = await this.deps.ingest.run<'extract'>(job, { signal });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { code, message, params, cause } = error;
      throw new AppError(code, `Page ${number}: ${message}`, {
        pointer: '/source',
        params: { ...params, page: number },
        cause,
      });
    }
    // An API may say that something failed with status 200: a page without the place of its rows is not the end of them.
    if (!extracted.rootFound)
      throw new AppError('source.format', `Nothing stands at ${root} in the answer for page ${number}`, {
        pointer: '/source/root',
        params: { page: number, root },
      });
    if (extracted.bytes > this.deps.maxBytes)
      throw new AppError('source.paging', `The pages hold more than ${this.deps.maxBytes} bytes in all`, {
        pointer: '/source/paging',
        params: { page: number, limit: 'UPLOAD_MAX_EXPANDED_BYTES', maxBytes: this.deps.maxBytes },
      });
    return extracted;
  }

  /** Keeps to the rate of the source. */
  async #pace(signal: AbortSignal): Promise<void> {
    const { ratePerMinute } = this.spec;
    const { clock, sleep } = this.deps;
    if (ratePerMinute !== undefined) {
      const waitMs = this.#lastCallMs + 60_000 / ratePerMinute - clock.now();
      if (waitMs > 0) await sleep(Math.ceil(waitMs), signal);
    }
    this.#lastCallMs = clock.now();
  }

  #checkPages(number: number): void {
    const own = 'maxPages' in this.#paging ? this.#paging.maxPages : undefined;
    const max = Math.min(own ?? this.deps.maxPages, this.deps.maxPages);
    if (number > max)
      throw pagingFault(
        `There are more than ${max} pages`,
        number,
        max === own ? {} : { limit: 'SOURCE_MAX_PAGES', max },
      );
  }

  #name(): string {
    return new URL(this.spec.request.url.replace(/\{\{[^{}]*\}\}/g, '')).hostname;
  }

  #check(): void {
    const { root, nested, remember, timezone } = this.spec;
    const paging = this.#paging;
    const invalid = (pointer: string, says: string) =>
      new AppError('request.invalid', `${pointer} ${says}`, { pointer });
    if (root !== undefined) {
      parseJsonPath(root, '/source/root');
      if (this.#format !== 'json') throw invalid('/source/root', 'goes with the format json');
    }
    if (nested !== undefined && this.#format !== 'json' && this.#format !== 'ndjson')
      throw invalid('/source/nested', 'goes with the formats json and ndjson');
    if (remember) parseJsonPath(remember.path, '/source/remember/path');
    if (this.#format === 'parquet' && paging.type !== 'none')
      throw invalid('/source/paging', 'does not go with the format parquet');
    if (paging.type === 'cursor') {
      parseJsonPath(paging.path, '/source/paging/path');
      if (paging.hasMore !== undefined) parseJsonPath(paging.hasMore, '/source/paging/hasMore');
      if (this.#format === 'csv')
        throw invalid('/source/paging', 'of type cursor does not go with the format csv');
    }
    const body = this.spec.request.body;
    if ('in' in paging && paging.in === 'body' && !(body && ('json' in body || 'form' in body)))
      throw invalid('/source/paging/in', 'is body, but the request has no JSON or form body');
    if (timezone !== undefined && !isTimeZone(timezone))
      throw invalid('/source/timezone', 'must be an IANA time zone, such as Europe/Rome');
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
