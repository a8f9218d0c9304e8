import { AppError } from '../../base/errors.ts';
import type { HttpPaging } from '../../domain/http-source.ts';
import type { ExtractJob } from '../../lake/jobs.ts';
import { linkTo } from './link-header.ts';
import type { BuiltRequest } from './request-template.ts';

export type Look = ExtractJob['look'][number];

/** What a page says of the next. */
export interface PageFacts {
  url: string;
  headers: Readonly<Record<string, string>>;
  rows: number;
  /** Of the rows. */
  hash: string;
  /** What was found for `look`, in its order. */
  found: readonly (string | null)[];
}

/** Goes from page to page, and notices when that leads nowhere. */
export interface Pager {
  /** What is wanted of each page. */
  readonly look: readonly Look[];
  /** Turns the source's request into that of the present page. */
  apply(request: BuiltRequest): void;
  /** Whether there is another page. Throws `source.paging` for one that was there already, or that is elsewhere. */
  advance(page: PageFacts): boolean;
}

export const pagingFault = (detail: string, page: number, params: Record<string, unknown> = {}) =>
  new AppError('source.paging', detail, { pointer: '/source/paging', params: { page, ...params } });

type Place = { parameter: string; in?: 'query' | 'body' | undefined };

function put(request: BuiltRequest, { parameter, in: where = 'query' }: Place, value: string | number): void {
  if (where === 'query') {
    request.url.searchParams.set(parameter, String(value));
    return;
  }
  const { body } = request;
  if (body && 'form' in body) body.form[parameter] = String(value);
  else if (body && 'json' in body && typeof body.json === 'object' && body.json !== null)
    body.json = { ...body.json, [parameter]: value };
  else throw pagingFault('The request has no JSON object or form for the parameter of its pages', 1);
}

/** Equal pages one after another, or a cursor that comes again: the source gives the same for ever. */
class Seen {
  readonly #pages = new Map<string, number>();

  check(what: string, key: string, page: number): void {
    const before = this.#pages.get(key);
    if (before !== undefined)
      throw pagingFault(`Page ${page} has ${what} of page ${before}`, page, { samePage: before });
    this.#pages.set(key, page);
  }
}

function numbered(paging: Extract<HttpPaging, { type: 'page' | 'offset' }>): Pager {
  const seen = new Seen();
  let at = paging.type === 'page' ? (paging.first ?? 1) : 0;
  let page = 1;
  return {
    look: [],
    apply(request) {
      put(request, paging, at);
      if (paging.size) put(request, { ...paging, parameter: paging.size.parameter }, paging.size.value);
    },
    advance({ rows, hash }) {
      if (rows === 0) return false;
      seen.check('the rows', hash, page++);
      at += paging.type === 'page' ? 1 : rows;
      return true;
    },
  };
}

/** The URL of another page of the same source. */
function sameOrigin(target: string, base: string, page: number): URL {
  const next = URL.canParse(target, base) ? new URL(target, base) : undefined;
  if (!next) throw pagingFault(`Page ${page} names a next page that is no URL`, page);
  if (next.origin !== new URL(base).origin)
    throw pagingFault(`Page ${page} leads to another host: ${next.host}`, page, { host: next.host });
  next.hash = '';
  return next;
}

function byCursor(paging: Extract<HttpPaging, { type: 'cursor' }>): Pager {
  const { path, from = 'page', parameter, hasMore, size } = paging;
  const seen = new Seen();
  let cursor: string | undefined;
  let next: URL | undefined;
  let page = 1;
  return {
    look: [{ path, in: from }, ...(hasMore === undefined ? [] : [{ path: hasMore, in: 'page' as const }])],
    apply(request) {
      if (next) request.url = new URL(next);
      else if (cursor !== undefined && parameter !== undefined)
        put(request, { ...paging, parameter }, cursor);
      if (size && !next) put(request, { ...paging, parameter: size.parameter }, size.value);
    },
    advance({ url, found: [value, more] }) {
      if (value === undefined || value === null || value === '') return false;
      if (hasMore !== undefined && more !== 'true' && more !== '1') return false;
      const key = parameter === undefined ? sameOrigin(value, url, page).href : value;
      seen.check('the cursor', key, page++);
      if (parameter === undefined) next = new URL(key);
      else cursor = value;
      return true;
    },
  };
}

function byLink(paging: Extract<HttpPaging, { type: 'link' }>): Pager {
  const seen = new Seen();
  let next: URL | undefined;
  let page = 1;
  return {
    look: [],
    apply(request) {
      if (next) request.url = new URL(next);
    },
    advance({ url, headers }) {
      const target = linkTo(headers.link, paging.rel ?? 'next');
      if (target === undefined) return false;
      next = sameOrigin(target, url, page);
      if (page === 1) seen.check('the link', url, 0);
      seen.check('the link', next.href, page++);
      return true;
    },
  };
}

export function pagerOf(paging: HttpPaging): Pager {
  switch (paging.type) {
    case 'none':
      return { look: [], apply: () => undefined, advance: () => false };
    case 'page':
    case 'offset':
      return numbered(paging);
    case 'cursor':
      return byCursor(paging);
    case 'link':
      return byLink(paging);
  }
}
