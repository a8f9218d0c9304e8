/** What is sent, and the statuses of the answers until the connection is closed; none = closed without an answer. */
export interface RawCase {
  name: string;
  bytes: string;
  expected: number[];
  /** Bun itself does otherwise: what it answers, and why that is harmless. The test is red once Bun does as expected. */
  gap?: { given: number[][]; why: string };
}

const CRLF = '\r\n';
/** Would be an answer too many; its id shows in the log when it was taken for a request. */
const SMUGGLED = `GET /api/auth/me HTTP/1.1${CRLF}Host: x${CRLF}X-Request-Id: smuggled${CRLF}${CRLF}`;

const lines = (...all: string[]) => `${all.join(CRLF)}${CRLF}${CRLF}`;
const get = (...headers: string[]) => lines('GET /api/healthz HTTP/1.1', 'Host: x', ...headers);
const line = (first: string) => lines(first, 'Host: x');
/** A body goes to the sign-in, which takes JSON of strangers and finds `{}` wanting. */
const post = (headers: string[], body: string) =>
  lines('POST /api/auth/login HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...headers) + body;
const chunked = (body: string, ...headers: string[]) =>
  post(['Transfer-Encoding: chunked', ...headers], body);

const TRAILER = {
  given: [[400, 400], [400]],
  why: 'Bun 1.4.5 knows no trailers: it refuses what comes after the last chunk and closes, before the answer to the request where that has to wait for its turn; none of it is taken for a request',
};

type Row = [name: string, bytes: string, expected: number[], gap?: RawCase['gap']];

const REQUEST_LINES: Row[] = [
  ['HTTP/0.9', `GET /api/healthz${CRLF}`, [505]],
  ['HTTP/0.9 with an empty line', `GET /api/healthz${CRLF}${CRLF}`, [505]],
  ['HTTP/1.0', line('GET /api/healthz HTTP/1.0'), [200]],
  ['HTTP/1.0 without a host', lines('GET /api/healthz HTTP/1.0'), [200]],
  ['HTTP/1.0 without a host, another path in the path', lines('GET /nothing/api/healthz HTTP/1.0'), [404]],
  ['an absolute target', line('GET http://other/api/healthz HTTP/1.1'), [200]],
  ['HTTP/1.2', line('GET /api/healthz HTTP/1.2'), [505]],
  ['HTTP/2.0', line('GET /api/healthz HTTP/2.0'), [505]],
  ['HTTP/9.9', line('GET /api/healthz HTTP/9.9'), [505]],
  ['the preface of HTTP/2', `PRI * HTTP/2.0${CRLF}${CRLF}SM${CRLF}${CRLF}`, [400]],
  ['a version in small letters', line('GET /api/healthz http/1.1'), [505]],
  ['a version of three numbers', line('GET /api/healthz HTTP/1.1.1'), [505]],
  ['no version but a blank', line('GET /api/healthz '), [505]],
  ['another protocol', line('GET /api/healthz ICY/1.1'), [505]],
  ['two blanks after the method', line('GET  /api/healthz HTTP/1.1'), [400]],
  ['two blanks before the version', line('GET /api/healthz  HTTP/1.1'), [505]],
  ['a tab after the method', line('GET\t/api/healthz HTTP/1.1'), [505]],
  ['a blank before the method', line(' GET /api/healthz HTTP/1.1'), [400]],
  ['a blank in the target', line('GET /api/health z HTTP/1.1'), [505]],
  ['no method', line('/api/healthz HTTP/1.1'), [400]],
  ['no target', line('GET HTTP/1.1'), [400]],
  ['a method in small letters', line('get /api/healthz HTTP/1.1'), []],
  ['a method with a quote', line('G"T /api/healthz HTTP/1.1'), [400]],
  ['a method of 10,000 letters', line(`${'A'.repeat(10_000)} /api/healthz HTTP/1.1`), []],
  ['CONNECT', line('CONNECT x:80 HTTP/1.1'), [404]],
  ['TRACE', line('TRACE /api/healthz HTTP/1.1'), [405]],
  ['a target that is a star', line('OPTIONS * HTTP/1.1'), [400]],
  ['a target without a slash', line('GET api/healthz HTTP/1.1'), [400]],
  ['NUL in the method', line('G\0ET /api/healthz HTTP/1.1'), [505]],
  ['NUL in the version', line('GET /api/healthz HTTP/1.1\0'), [505]],
  ['a bare CR in the target', line('GET /api/healthz\r/x HTTP/1.1'), [505]],
  ['a bare LF as the end of a line', 'GET /api/healthz HTTP/1.1\nHost: x\n\n', [505]],
  ['empty lines before the request', `${CRLF}${CRLF}${get()}`, [400]],
  ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
  ['NUL bytes alone', '\0'.repeat(1000), [400]],
  ['a target of 100,000 letters', line(`GET /${'a'.repeat(100_000)} HTTP/1.1`), [431]],
];

const HEADERS: Row[] = [
  ['no host', lines('GET /api/healthz HTTP/1.1'), [400]],
  ['two hosts', get('Host: y'), [400]],
  ...['', 'a b', 'x/api/healthz?', 'x?/', 'u:p@x', '../'].map(
    (host): Row => [
      `the host ${JSON.stringify(host)}`,
      lines('GET /api/healthz HTTP/1.1', `Host: ${host}`),
      [400],
    ],
  ),
  ['a WebSocket to a host that is none', get('Upgrade: websocket').replace('Host: x', 'Host: [::1'), [200]],
  ['a blank before the colon', get('X-Probe : 1'), [400]],
  ['a blank before the colon of a length', post(['Content-Length : 2'], '{}'), [400]],
  ['a name with a blank', get('X Probe: 1'), [400]],
  ['an empty name', get(': 1'), [400]],
  ['a name past ASCII', get('X-Pr\xf6be: 1'), [400]],
  ['a name with NUL', get('X-Pro\0be: 1'), [400]],
  ['a value with NUL', get('X-Probe: a\0b'), [400]],
  ['a value with a bare CR', get('X-Probe: a\rb'), [400]],
  ['a value with a bare LF', get('X-Probe: a\nX-Other: b'), [400]],
  ['a value with a bell', get('X-Probe: a\x07b'), [400]],
  ['a folded value', get('X-Probe: a', ' b'), [400]],
  ['a folded first line', lines('GET /api/healthz HTTP/1.1', ' Host: x'), [400]],
  ['500 headers', get(...Array.from({ length: 500 }, (_, i) => `X-${i}: 1`)), [431]],
  ['one header of 100,000 bytes', get(`X-Probe: ${'a'.repeat(100_000)}`), [431]],
  ['a name of 100,000 bytes', get(`${'a'.repeat(100_000)}: 1`), [431]],
];

const LENGTHS: Row[] = [
  ['a length of -1', post(['Content-Length: -1'], '{}'), [400]],
  ['a length of +2', post(['Content-Length: +2'], `{}${SMUGGLED}`), [400]],
  ['a length in hexadecimal', post(['Content-Length: 0x2'], `{}${SMUGGLED}`), [400]],
  ['a length with a comma', post(['Content-Length: 2, 2'], `{}${SMUGGLED}`), [400]],
  ['a length with a point', post(['Content-Length: 2.0'], `{}${SMUGGLED}`), [400]],
  ['a length with letters', post(['Content-Length: 2a'], `{}${SMUGGLED}`), [400]],
  ['an empty length', post(['Content-Length: '], `{}${SMUGGLED}`), [400]],
  ['a length past 64 bits', post(['Content-Length: 18446744073709551618'], `{}${SMUGGLED}`), [400]],
  ['a length past the limit', post(['Content-Length: 99999999999'], '{}'), [413]],
  ['two lengths', post(['Content-Length: 2', 'Content-Length: 40'], `{}${SMUGGLED}`), [400]],
  [
    'two lengths that are equal',
    post(['Content-Length: 2', 'Content-Length: 2', 'Connection: close'], '{}'),
    [400],
  ],
  ['a length longer than the body', post(['Content-Length: 100'], '{}'), []],
  ['a length and chunks', chunked(`0${CRLF}${CRLF}${SMUGGLED}`, 'Content-Length: 5'), [400]],
  [
    'chunks and a length',
    post(['Content-Length: 5', 'Transfer-Encoding: chunked'], `0${CRLF}${CRLF}${SMUGGLED}`),
    [400],
  ],
  ['a GET with a length', `${get('Content-Length: 5')}${SMUGGLED.slice(0, 5)}`, [200]],
];

const CHUNKS: Row[] = [
  ['chunks', chunked(`2${CRLF}{}${CRLF}0${CRLF}${CRLF}`, 'Connection: close'), [400]],
  ['chunks twice', chunked(`0${CRLF}${CRLF}${SMUGGLED}`, 'Transfer-Encoding: chunked'), [400]],
  ['chunked, identity', post(['Transfer-Encoding: chunked, identity'], `0${CRLF}${CRLF}${SMUGGLED}`), [400]],
  ['identity', post(['Transfer-Encoding: identity', 'Content-Length: 2'], `{}${SMUGGLED}`), [400]],
  ['a coding that is none', post(['Transfer-Encoding: xchunked'], `0${CRLF}${CRLF}${SMUGGLED}`), [400]],
  ['gzip, chunked', post(['Transfer-Encoding: gzip, chunked'], `0${CRLF}${CRLF}${SMUGGLED}`), [400]],
  ['a coding in quotes', post(['Transfer-Encoding: "chunked"'], `0${CRLF}${CRLF}${SMUGGLED}`), [400]],
  [
    'a coding after a vertical tab',
    post(['Transfer-Encoding: \x0bchunked'], `0${CRLF}${CRLF}${SMUGGLED}`),
    [400],
  ],
  [
    'chunks over HTTP/1.0',
    lines('POST /api/auth/login HTTP/1.0', 'Host: x', 'Transfer-Encoding: chunked') +
      `0${CRLF}${CRLF}${SMUGGLED}`,
    [400],
  ],
  ['a size that is no number', chunked(`zz${CRLF}{}${CRLF}0${CRLF}${CRLF}${SMUGGLED}`), [400]],
  ['a size of -2', chunked(`-2${CRLF}{}${CRLF}0${CRLF}${CRLF}${SMUGGLED}`), [400]],
  ['a size of 0x2', chunked(`0x2${CRLF}{}${CRLF}0${CRLF}${CRLF}${SMUGGLED}`), [400]],
  ['a size of 17 digits', chunked(`10000000000000002${CRLF}{}${CRLF}0${CRLF}${CRLF}${SMUGGLED}`), [400]],
  ['a size with a blank before it', chunked(` 2${CRLF}{}${CRLF}0${CRLF}${CRLF}${SMUGGLED}`), [400]],
  ['a size that ends in LF', chunked(`2\n{}${CRLF}0${CRLF}${CRLF}${SMUGGLED}`), [400]],
  ['a chunk longer than its size', chunked(`2${CRLF}{}xx${CRLF}0${CRLF}${CRLF}${SMUGGLED}`), [400]],
  ['a chunk without its end', chunked(`2${CRLF}{}0${CRLF}${CRLF}${SMUGGLED}`), [400]],
  ['an extension with a bare LF', chunked(`2;a\nb${CRLF}{}${CRLF}0${CRLF}${CRLF}${SMUGGLED}`), [400]],
  [
    'an extension of 100,000 bytes',
    chunked(`2;${'a'.repeat(100_000)}${CRLF}{}${CRLF}0${CRLF}${CRLF}`),
    [413],
  ],
  ['chunks that stop', chunked(`2${CRLF}{`), []],
  [
    'a trailer',
    chunked(`2${CRLF}{}${CRLF}0${CRLF}X-Trailer: 1${CRLF}${CRLF}${SMUGGLED}`),
    [400, 401],
    TRAILER,
  ],
  ['a trailer that is a request', chunked(`2${CRLF}{}${CRLF}0${CRLF}${SMUGGLED}`), [400], TRAILER],
];

const SEVERAL: Row[] = [
  ['three requests at once', get() + get() + get('Connection: close'), [200, 200, 200]],
  ['a request behind one that closes', get('Connection: close') + SMUGGLED, [200]],
  ['a broken request behind a good one', `${get()}nonsense${CRLF}${CRLF}${SMUGGLED}`, [200, 400]],
  ['a broken request before a good one', `nonsense${CRLF}${CRLF}${SMUGGLED}`, [400]],
  ['a body that looks like a request', post([`Content-Length: ${SMUGGLED.length}`], SMUGGLED), [400]],
  [
    'a stranger whose body is a request',
    lines('POST /api/query HTTP/1.1', 'Host: x', `Content-Length: ${SMUGGLED.length}`) + SMUGGLED,
    [401],
  ],
  ['a body refused for its size is no request', post(['Content-Length: 9000000'], SMUGGLED), [413]],
  [
    'a body of an endpoint that takes none',
    lines('DELETE /api/healthz HTTP/1.1', 'Host: x', `Content-Length: ${SMUGGLED.length}`) + SMUGGLED,
    [405],
  ],
  ['a hundred requests at once', get().repeat(99) + get('Connection: close'), Array<number>(100).fill(200)],
  ['HEAD', lines('HEAD /api/healthz HTTP/1.1', 'Host: x', 'Connection: close') + SMUGGLED, [200]],
  [
    'an upgrade to HTTP/2',
    get('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'),
    [200],
  ],
  ['an upgrade to nothing known', get('Connection: Upgrade', 'Upgrade: nonsense'), [200]],
  ['an expectation that cannot be met', post(['Expect: 200-ok', 'Content-Length: 2'], '{}'), [400]],
];

export const RAW_CASES: RawCase[] = [...REQUEST_LINES, ...HEADERS, ...LENGTHS, ...CHUNKS, ...SEVERAL].map(
  ([name, bytes, expected, gap]) => ({ name, bytes, expected, ...(gap ? { gap } : {}) }),
);
