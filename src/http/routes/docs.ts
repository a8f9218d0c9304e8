import { Elysia } from 'elysia';
import styleFile from 'swagger-ui-dist/swagger-ui.css' with { type: 'file' };
import bundleFile from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'file' };
import { AppError } from '../../base/errors.ts';
import { API_PAGE, ERROR_ENTRIES, ERRORS_PAGE, PAGE_POLICY, START_SCRIPT } from '../docs/pages.ts';

export interface DocsDeps {
  /** The OpenAPI document; asked for after all routes are there. */
  document: () => Promise<object>;
}

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
const HTML = 'text/html; charset=utf-8';
const KEEP_A_DAY = 'private, max-age=86400';

const ASSETS = new Map<string, { type: string; read: () => Promise<Uint8Array<ArrayBuffer>> }>([
  ['swagger-ui-bundle.js', { type: SCRIPT, read: () => Bun.file(bundleFile).bytes() }],
  ['swagger-ui.css', { type: STYLE, read: () => Bun.file(styleFile).bytes() }],
  ['start.js', { type: SCRIPT, read: async () => Buffer.from(START_SCRIPT) }],
]);

function answer(bytes: Uint8Array<ArrayBuffer>, type: string, extra: Record<string, string> = {}): Response {
  const headers = { 'content-type': type, 'content-length': String(bytes.length), ...extra };
  return new Response(bytes, { headers });
}

const page = (html: string) => answer(Buffer.from(html), HTML, { 'content-security-policy': PAGE_POLICY });

/** The description of the API, its page and the error codes. */
export function docsRoutes(deps: DocsDeps) {
  const tags = ['service'];
  let document: Promise<{ bytes: Buffer<ArrayBuffer>; etag: string }> | undefined;
  const build = async () => {
    const bytes = Buffer.from(JSON.stringify(await deps.document()));
    return { bytes, etag: `"${Bun.hash(bytes).toString(36)}"` };
  };

  return new Elysia()
    .get(
      '/openapi.json',
      async () => {
        document ??= build();
        const { bytes, etag } = await document;
        return answer(bytes, 'application/json', { etag });
      },
      { detail: { summary: 'This description (OpenAPI 3.1)', tags } },
    )
    .get('/docs', () => page(API_PAGE), { detail: { summary: 'The page of the API', tags } })
    .get(
      '/docs/errors',
      ({ request }) =>
        request.headers.get('accept')?.includes('text/html') ? page(ERRORS_PAGE) : { items: ERROR_ENTRIES },
      { detail: { summary: 'Every error code with its status: a page for browsers, JSON for others', tags } },
    )
    .get(
      '/docs/:asset',
      async ({ params }) => {
        const asset = ASSETS.get(params.asset);
        if (!asset) throw new AppError('route.notFound', 'There is no such endpoint');
        return answer(await asset.read(), asset.type, { 'cache-control': KEEP_A_DAY });
      },
      { detail: { summary: 'A file of the page', tags, hide: true } },
    );
}
