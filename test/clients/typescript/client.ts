import createClient from 'openapi-fetch';
import type { components, paths } from './api.ts';

type Pivot = components['schemas']['PivotSpec'];

const [baseUrl = '', email = '', password = ''] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl });
const CSV = 'fruit,shop,amount\npear,north,1.50\npear,south,2.25\nfig,north,4.00\n';

function formOf(fields: object): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'file') form.append('file', new Blob([value], { type: 'text/csv' }), 'fruit.csv');
    else form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return form;
}

const signedIn = await client.POST('/api/auth/login', { body: { email, password } });
if (!signedIn.data) throw new Error(signedIn.error.detail);
client.use({
  onRequest({ request }) {
    request.headers.set('authorization', `Bearer ${signedIn.data.token}`);
  },
});

const uploaded = await client.POST('/api/datasets', {
  body: { name: 'fruit', file: CSV, types: { amount: 'decimal' } },
  bodySerializer: (upload) => (typeof upload === 'object' ? formOf(upload) : upload),
});
if (!uploaded.data) throw new Error(uploaded.error.detail);

const listed = await client.GET('/api/datasets', { params: { query: { limit: 10 } } });
const body: Pivot = {
  from: { dataset: uploaded.data.id },
  rows: ['fruit'],
  columns: ['shop'],
  measures: [{ agg: 'sum', field: 'amount', as: 'total' }],
  totals: { rows: 'all', columns: 'all' },
};
const pivot = await client.POST('/api/query/pivot', { body });
if (typeof pivot.data !== 'object' || !('cells' in pivot.data)) throw new Error('the pivot is no grid');

const wrong = await client.POST('/api/query/spec', {
  body: { from: { dataset: 'fruit' }, dimensions: ['colour'] },
});
const removed = await client.DELETE('/api/datasets/{dataset}', { params: { path: { dataset: 'fruit' } } });

// @ts-expect-error a pivot reads from something
const noSource: Pivot = { measures: [{ agg: 'count' }] };
// @ts-expect-error there is no such aggregation
const noAggregation: Pivot = { from: { dataset: 'fruit' }, measures: [{ agg: 'total' }] };
// @ts-expect-error the answer of the pivot has no such member
void [noSource, noAggregation, pivot.data.grandTotal];

process.stdout.write(
  JSON.stringify({
    role: signedIn.data.user.role,
    rowCount: uploaded.data.rowCount,
    names: listed.data?.items.map(({ name }) => name),
    members: pivot.data.rows.members,
    cells: pivot.data.cells,
    code: wrong.error?.code,
    removed: removed.response.status,
  }),
);
