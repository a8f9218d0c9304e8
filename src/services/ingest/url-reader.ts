import { AppError } from '../../base/errors.ts';
import type { UrlSource } from '../../domain/http-source.ts';
import { sha256 } from '../secrets.ts';
import { type CallDeps, call } from './call.ts';
import {
  type Collected,
  type CollectedFile,
  type Collecting,
  type FileReader,
  saveBytes,
} from './collected.ts';
import { checkAuth } from './http-auth.ts';

/** What was read last: the source as it was written, and what tells whether the file is another since. */
interface Mark {
  spec: string;
  etag: string | null;
  lastModified: string | null;
  hash: string;
}

const isMark = (mark: unknown): mark is Mark =>
  typeof mark === 'object' && mark !== null && typeof (mark as Mark).spec === 'string';

async function* only(file: CollectedFile): AsyncGenerator<CollectedFile> {
  yield file;
}

/** A file at a URL: fetched when the server says that it has changed, and taken when its bytes have. */
export class UrlReader implements FileReader {
  readonly #url: URL;

  /** Throws AppError `request.invalid` for a URL that is none. */
  constructor(
    readonly spec: UrlSource,
    readonly deps: CallDeps,
  ) {
    const invalid = (says: string) =>
      new AppError('request.invalid', `/source/url ${says}`, { pointer: '/source/url' });
    if (!/^https?:\/\//i.test(spec.url) || !URL.canParse(spec.url))
      throw invalid('must be a URL that begins with http:// or https://');
    checkAuth(spec.auth);
    this.#url = new URL(spec.url);
    if (this.#url.username !== '' || this.#url.password !== '')
      throw invalid('must not hold a user or password; they are given in auth');
  }

  async collect(run: Collecting): Promise<Collected> {
    const path = await run.newFile();
    const spec = sha256(JSON.stringify(this.spec));
    const known = isMark(run.mark) && run.mark.spec === spec ? run.mark : undefined;
    const conditions = {
      ...(known?.etag ? { 'if-none-match': known.etag } : {}),
      ...(known?.lastModified ? { 'if-modified-since': known.lastModified } : {}),
    };
    const isConditional = Object.keys(conditions).length > 0;
    const got = await call(
      this.deps,
      {
        request: () => ({
          method: 'GET',
          url: new URL(this.#url),
          headers: { ...conditions },
          body: undefined,
        }),
        auth: this.spec.auth,
        retry: this.spec.retry,
        page: undefined,
        expected: isConditional ? [304] : [],
        signal: run.signal,
        onWait: (failure, waitMs) => run.log('The source is asked again', { code: failure.code, waitMs }),
      },
      async ({ status, headers, body }) =>
        status === 304 ? undefined : { headers, ...(await saveBytes(body, path, run.onBytes)) },
    );
    if (!got || got.hash === known?.hash) return { isUnchanged: true };
    const { headers, hash } = got;
    const mark: Mark = {
      spec,
      etag: headers.etag ?? null,
      lastModified: headers['last-modified'] ?? null,
      hash,
    };
    const file = {
      path,
      name: this.#name(),
      mediaType: headers['content-type'],
      format: this.spec.format,
      mark,
    };
    return { isUnchanged: false, files: only(file) };
  }

  /** The end of the path, which may tell the format. */
  #name(): string {
    const last = this.#url.pathname.split('/').at(-1) ?? '';
    return last === '' ? this.#url.hostname : decodeURIComponentSafely(last);
  }
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
