import { expect, test } from 'bun:test';
import { createTracer } from '../../src/compose/tracing.ts';
import { readConfig } from '../../src/config.ts';
import { openService } from '../support/service-kit.ts';

interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: { key: string; value: { stringValue?: string; intValue?: number; boolValue?: boolean } }[];
  status: { code: number };
}

/** A collector of OTLP over HTTP in its JSON form. */
function collector() {
  const spans: SentSpan[] = [];
  const headers: Headers[] = [];
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      headers.push(request.headers);
      expect(new URL(request.url).pathname).toBe('/v1/traces');
      const body = (await request.json()) as { resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[] };
      spans.push(
        ...body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
      );
      return Response.json({});
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    spans,
    headers,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

const attributesOf = ({ attributes }: SentSpan) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('a request and its query are one trace, which goes on from the caller', async () => {
  await using sink = collector();
  const service = await openService({
    OTEL_EXPORTER_OTLP_ENDPOINT: `${sink.url}/`,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x',
  });
  try {
    await service.upload('orders', 'orders.csv', 'region,amount\nEU,1\nUS,2\n');
    const body = { from: { dataset: 'orders' }, dimensions: ['region'] };
    const headers = { traceparent: PARENT };
    await service.call('POST', '/api/query/spec', body, { headers });
    await service.call('POST', '/api/query/spec', { ...body, dimensions: ['nope'] });
    await service.call('GET', '/api/healthz');
    const line = service.logged.find(
      (each) => each.includes('/api/query/spec') && each.includes('"status":200'),
    );
    expect(JSON.parse(line!).traceId).toBe('0af7651916cd43dd8448eb211c80319c');
  } finally {
    await service[Symbol.asyncDispose]();
  }
  const ours = sink.spans.filter(({ traceId }) => traceId === '0af7651916cd43dd8448eb211c80319c');
  const request = ours.find(({ name }) => name === 'POST /api/query/spec')!;
  const query = ours.find(({ name }) => name === 'query')!;
  expect(request.parentSpanId).toBe('b7ad6b7169203331');
  expect(query.parentSpanId).toBe(request.spanId);
  expect(attributesOf(request)).toMatchObject({
    'http.route': '/api/query/spec',
    'http.response.status_code': 200,
  });
  expect(attributesOf(query)).toMatchObject({
    'db.system.name': 'duckdb',
    'reporting.query.kind': 'spec',
    'reporting.rows': 2,
  });
  const refused = sink.spans.filter(
    ({ name, traceId }) => name === 'POST /api/query/spec' && traceId !== request.traceId,
  );
  expect(refused).toHaveLength(1);
  expect(attributesOf(refused[0]!)).toMatchObject({ 'http.response.status_code': 400 });
  expect(sink.spans.some(({ name }) => name.includes('healthz'))).toBe(false);
  expect(sink.headers[0]!.get('authorization')).toBe('Bearer x');
  expect(JSON.stringify(sink.spans)).not.toContain('"EU"');
});

test.each([['00-00000000000000000000000000000000-b7ad6b7169203331-01'], ['nonsense'], ['']])(
  'the header %p begins a trace of its own',
  async (traceparent) => {
    await using sink = collector();
    const tracer = await createTracer(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url }), '1');
    tracer!.start('x', 'server', traceparent, {}).end();
    await tracer!.close();
    expect(sink.spans).toHaveLength(1);
    expect(sink.spans[0]!.traceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
    expect(sink.spans[0]!.parentSpanId ?? '').toBe('');
  },
);

test('a trace that its caller does not record is not sent', async () => {
  await using sink = collector();
  const tracer = await createTracer(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url }), '1');
  tracer!.start('x', 'server', PARENT.replace(/01$/, '00'), {}).end();
  await tracer!.close();
  expect(sink.spans).toEqual([]);
});

test('without a collector there is no tracer; a collector that is away costs nothing but the traces', async () => {
  expect(await createTracer(readConfig({}), '1')).toBeUndefined();
  const service = await openService({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
  expect((await service.call('GET', '/api/auth/me')).status).toBe(200);
  await service[Symbol.asyncDispose]();
});

test.each([
  [{ OTEL_TRACES_SAMPLER_ARG: '2' }, 'OTEL_TRACES_SAMPLER_ARG'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  [{ OTEL_EXPORTER_OTLP_HEADERS: 'no pairs' }, 'OTEL_EXPORTER_OTLP_HEADERS'],
])('%j is refused', (env, name) => {
  expect(() => readConfig(env as Record<string, string>)).toThrow(name);
});

test('a value that is no percent-encoding is refused', () => {
  const config = readConfig({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_EXPORTER_OTLP_HEADERS: 'a=%zz',
  });
  expect(createTracer(config, '1')).rejects.toThrow('OTEL_EXPORTER_OTLP_HEADERS');
});
