import Type, { type Static } from 'typebox';
import { SecretRef } from './secret.ts';
import { LoadOptions } from './upload.ts';

const closed = { additionalProperties: false } as const;

const Text = Type.String({ maxLength: 10_000 });
const Url = Type.String({ minLength: 1, maxLength: 10_000 });
const HeaderName = Type.String({ pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$" });
const HeaderValue = Type.String({ maxLength: 10_000, pattern: '^[\\t\\u0020-\\u007e\\u0080-\\u00ff]*$' });
const ParameterName = Type.String({ minLength: 1, maxLength: 500 });
/** A JSON pointer or a path of the subset of JSONPath in domain/json-path.ts. */
const JsonPlace = Type.String({ maxLength: 1000 });

/** How the service shows who it is. Secrets are named, never given. */
export const HttpAuth = Type.Union([
  Type.Object({ type: Type.Literal('bearer'), token: SecretRef }, closed),
  Type.Object(
    {
      type: Type.Literal('header'),
      name: HeaderName,
      value: SecretRef,
      /** Before the value, such as `Token `. */
      prefix: Type.Optional(HeaderValue),
    },
    closed,
  ),
  Type.Object({ type: Type.Literal('query'), name: ParameterName, value: SecretRef }, closed),
  Type.Object({ type: Type.Literal('basic'), user: Text, password: SecretRef }, closed),
  Type.Object(
    {
      type: Type.Literal('oauth2ClientCredentials'),
      tokenUrl: Url,
      clientId: Text,
      clientSecret: SecretRef,
      scope: Type.Optional(Text),
      audience: Type.Optional(Text),
      /** Where id and secret of the client are sent; in the header by default. */
      credentialsIn: Type.Optional(Type.Enum(['header', 'body'])),
    },
    closed,
  ),
]);
export type HttpAuth = Static<typeof HttpAuth>;

export const HttpBody = Type.Union([
  Type.Object({ json: Type.Unknown() }, closed),
  Type.Object({ form: Type.Record(Type.String(), Text) }, closed),
  Type.Object(
    { text: Type.String({ maxLength: 1_000_000 }), contentType: Type.Optional(HeaderValue) },
    closed,
  ),
]);
export type HttpBody = Static<typeof HttpBody>;

/** Texts may hold placeholders (domain/template.ts). */
export const HttpRequestSpec = Type.Object(
  {
    method: Type.Optional(Type.Enum(['GET', 'POST'])),
    url: Url,
    headers: Type.Optional(Type.Record(Type.String(), HeaderValue)),
    query: Type.Optional(
      Type.Record(Type.String(), Type.Union([Text, Type.Array(Text, { maxItems: 1000 })])),
    ),
    body: Type.Optional(HttpBody),
  },
  closed,
);
export type HttpRequestSpec = Static<typeof HttpRequestSpec>;

const paging = {
  maxPages: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  /** Statuses that mean that there are no more pages, after the first. */
  endStatuses: Type.Optional(Type.Array(Type.Integer({ minimum: 400, maximum: 499 }), { maxItems: 10 })),
};
const place = {
  parameter: ParameterName,
  in: Type.Optional(Type.Enum(['query', 'body'])),
};
const size = Type.Optional(
  Type.Object({ parameter: ParameterName, value: Type.Integer({ minimum: 1, maximum: 1_000_000 }) }, closed),
);

/** How one gets from page to page. `page` and `offset` end with an empty page: a short one may only mean that the server gives fewer. */
export const HttpPaging = Type.Union([
  Type.Object({ type: Type.Literal('none') }, closed),
  Type.Object(
    {
      type: Type.Literal('page'),
      ...place,
      first: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
      size,
      ...paging,
    },
    closed,
  ),
  Type.Object({ type: Type.Literal('offset'), ...place, size, ...paging }, closed),
  Type.Object(
    {
      type: Type.Literal('cursor'),
      /** Where the cursor of the next page stands: beside the rows, or in the last row. */
      path: JsonPlace,
      from: Type.Optional(Type.Enum(['page', 'lastRow'])),
      /** Where it is sent; without it, the cursor is the next page's URL, of the same origin. */
      parameter: Type.Optional(ParameterName),
      in: Type.Optional(Type.Enum(['query', 'body'])),
      /** Where a truth value says whether there are more. */
      hasMore: Type.Optional(JsonPlace),
      size,
      ...paging,
    },
    closed,
  ),
  Type.Object(
    {
      type: Type.Literal('link'),
      rel: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
      ...paging,
    },
    closed,
  ),
]);
export type HttpPaging = Static<typeof HttpPaging>;

export const HttpRetry = Type.Object(
  {
    /** After the first attempt. */
    attempts: Type.Optional(Type.Integer({ minimum: 0, maximum: 20 })),
    statuses: Type.Optional(Type.Array(Type.Integer({ minimum: 400, maximum: 599 }), { maxItems: 100 })),
    /** The longest that a server may ask for with `Retry-After`. */
    maxWaitS: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
  },
  closed,
);
export type HttpRetry = Static<typeof HttpRetry>;

const { format: _, ...loading } = LoadOptions.properties;
/** How the rows are to be read, as in an upload. */
export const ReadOptions = Type.Object(loading, closed);
export type ReadOptions = Static<typeof ReadOptions>;
/** Of an API, what pages are and where their rows stand is said of the source. */
const { member: _m, root: _r, nested: _n, ...loadingPages } = loading;
const PageOptions = Type.Object(loadingPages, closed);

/** Rows of an HTTP API. */
export const HttpSource = Type.Object(
  {
    kind: Type.Literal('http'),
    request: HttpRequestSpec,
    auth: Type.Optional(HttpAuth),
    paging: Type.Optional(HttpPaging),
    format: Type.Optional(Type.Enum(['json', 'ndjson', 'csv', 'parquet'])),
    /** Where the rows of a JSON answer are; the whole answer by default. */
    root: Type.Optional(JsonPlace),
    /** What becomes of objects in rows: columns `outer.inner`, or JSON in one column. */
    nested: Type.Optional(Type.Enum(['flatten', 'json'])),
    options: Type.Optional(PageOptions),
    retry: Type.Optional(HttpRetry),
    ratePerMinute: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 60_000 })),
    /** What `{{cursor}}` is in the next run: a value beside the rows of the last page, or of the last row. */
    remember: Type.Optional(
      Type.Object({ path: JsonPlace, from: Type.Optional(Type.Enum(['page', 'lastRow'])) }, closed),
    ),
    /** Of dates in placeholders. */
    timezone: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  },
  closed,
);
export type HttpSource = Static<typeof HttpSource>;

/** A file at a URL, read anew when it has changed. */
export const UrlSource = Type.Object(
  {
    kind: Type.Literal('url'),
    url: Url,
    format: Type.Optional(LoadOptions.properties.format),
    auth: Type.Optional(HttpAuth),
    options: Type.Optional(ReadOptions),
    retry: Type.Optional(HttpRetry),
  },
  closed,
);
export type UrlSource = Static<typeof UrlSource>;

/** Files that others put into a folder below WATCH_ROOT. */
export const FolderSource = Type.Object(
  {
    kind: Type.Literal('folder'),
    /** Relative to WATCH_ROOT. */
    path: Type.String({ minLength: 1, maxLength: 1000 }),
    /** Of names, such as `orders-*.csv`; all files where it is not given. */
    pattern: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    /** Each file is added once, or the newest file is all there is. */
    take: Type.Enum(['each', 'newest']),
    format: Type.Optional(LoadOptions.properties.format),
    options: Type.Optional(ReadOptions),
    /** What becomes of a file that was read; `move` into the folder `done` beside it. */
    after: Type.Optional(Type.Enum(['keep', 'move', 'delete'])),
    /** Seconds that a file must not have changed for: it may be half written. */
    settleS: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
  },
  closed,
);
export type FolderSource = Static<typeof FolderSource>;
