import { CODES, type Code } from '../../base/errors.ts';
import { COOKIES } from '../../services/cookies.ts';
import { STATUS } from '../problem.ts';

/** No inline script; Swagger UI sets inline styles. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const API_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Reporting API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
`;

export const START_SCRIPT = `SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  docExpansion: 'list',
  validatorUrl: null,
  persistAuthorization: true,
  requestInterceptor: (request) => {
    const csrf = /(?:^|; )${COOKIES.csrf}=([^;]+)/.exec(document.cookie)?.[1];
    if (csrf) request.headers['X-CSRF-Token'] = csrf;
    return request;
  },
});
`;

export interface ErrorEntry {
  code: Code;
  status: number;
  title: string;
}

/** Every error code that a client may meet. */
export const ERROR_ENTRIES: readonly ErrorEntry[] = (Object.keys(CODES) as Code[]).map((code) => ({
  code,
  status: STATUS[code],
  title: CODES[code],
}));

const rows = ERROR_ENTRIES.map(
  ({ code, status, title }) =>
    `<tr id="${code}"><td><a href="#${code}"><code>${code}</code></a></td><td>${status}</td><td>${title}</td></tr>`,
);

export const ERRORS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Errors of the Reporting API</title>
<link rel="icon" href="data:,">
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ddd }
tr:target { background: #fff3c4 }
</style>
</head>
<body>
<h1>Errors</h1>
<p>Each failed request answers <code>application/problem+json</code> (RFC 9457) whose <code>code</code> is one of these.</p>
<table>
<thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</body>
</html>
`;
