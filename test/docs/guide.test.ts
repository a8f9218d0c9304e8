/**
 * What the deployment guide of the service before this one names, by hand: an operator who follows it must find each
 * name here, with the same meaning and default.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readConfig } from '../../src/config.ts';
import { parseDsn } from '../../src/domain/dsn.ts';
import { ENGINE_TABLE } from '../../src/drivers/engine-table.ts';
import { SETTINGS } from '../../src/settings.ts';
import { providerModel } from '../support/ai/provider-model.ts';
import { openService, type TestService } from '../support/service-kit.ts';
import { VERSION } from '../support/whole-service.ts';

const ROOT = join(import.meta.dir, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const deployGuide = read('deploy/DEPLOY.md');

/** What an operator may have written, and what it means here. */
const WRITTEN: Record<string, readonly [written: string, means: unknown]> = {
  APP_ENV: ['prod', 'prod'],
  CORS_ORIGINS: [
    'https://bi.example.com, http://localhost:3000',
    ['https://bi.example.com', 'http://localhost:3000'],
  ],
  SECRET_KEY: ['5e1f-not-the-example-of-any-guide-2c9d', '5e1f-not-the-example-of-any-guide-2c9d'],
  DUCKDB_PATH: ['/var/lib/reporting/local.duckdb', '/var/lib/reporting/local.duckdb'],
  METADATA_DB_PATH: ['/var/lib/reporting/meta.sqlite', '/var/lib/reporting/meta.sqlite'],
  FRONTEND_BASE_URL: ['https://bi.example.com', 'https://bi.example.com'],
  BACKEND_BASE_URL: ['https://api.example.com', 'https://api.example.com'],
  SNAPSHOT_ACTOR_ID: ['reports', 'reports'],
  POSTGRES_DSN: [
    'postgresql+psycopg://u:p@db:5432/shop?sa_pool_size=10',
    'postgresql+psycopg://u:p@db:5432/shop?sa_pool_size=10',
  ],
  SUPABASE_POSTGRES_DSN: ['postgresql://u:p@db/x', 'postgresql://u:p@db/x'],
  RUN_SCHEDULER: ['1', true],
  HOST: ['127.0.0.1', '127.0.0.1'],
  PORT: ['8000', 8000],
  THREADS: ['16', 16],
  CONN_LIMIT: ['500', 500],
  BACKLOG: ['2048', 2048],
  CHANNEL_TIMEOUT: ['60', 60],
  IDENT: ['reporting', 'reporting'],
  WEB_CONCURRENCY: ['9', 9],
  KEEP_ALIVE: ['5', 5],
  TIMEOUT: ['60', 60],
  GRACEFUL_TIMEOUT: ['30', 30],
  MAX_REQUESTS: ['2000', 2000],
  MAX_REQUESTS_JITTER: ['200', 200],
  LOG_LEVEL: ['warning', 'warning'],
  AI_CONCURRENCY: ['4', 4],
  AI_TIMEOUT_SECONDS: ['45', 45],
  HEAVY_QUERY_CONCURRENCY: ['12', 12],
};

describe('settings', () => {
  test.each(Object.entries(WRITTEN))(
    '%s is taken as it was written, and explained',
    (name, [written, means]) => {
      expect(readConfig({ SECRET_KEY: WRITTEN.SECRET_KEY![0], [name]: written })).toMatchObject({
        [name]: means,
      });
      expect(SETTINGS).toHaveProperty(name);
      expect(deployGuide).toContain(`\`${name}\``);
    },
  );

  test('those that were switched off or for development', () => {
    expect(readConfig({ RUN_SCHEDULER: '0', APP_ENV: 'dev' })).toMatchObject({
      RUN_SCHEDULER: false,
      APP_ENV: 'dev',
    });
  });

  test('defaults that were named are the defaults', () => {
    expect(readConfig({})).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 8000,
      HEAVY_QUERY_CONCURRENCY: 8,
      AI_CONCURRENCY: 2,
      AI_TIMEOUT_SECONDS: 30,
    });
  });

  test('one default is another, and it is said so', () => {
    expect(readConfig({}).WEB_CONCURRENCY).toBe(1);
    expect(deployGuide).toContain('`WEB_CONCURRENCY` defaults to 1, not to `2*CPU+1`');
  });

  test('pools are sized in the DSN', () => {
    const { pool } = parseDsn(
      'postgresql+psycopg://u:p@db/shop?sa_pool_size=10&sa_max_overflow=30&sa_pool_timeout=30',
      'postgres',
      ENGINE_TABLE,
    );
    expect(pool).toEqual({ size: 10, maxOverflow: 30, timeoutS: 30 });
  });
});

/** Files that an operator copies, and where to. */
const FILES: readonly [file: string, place: string | undefined][] = [
  ['deploy/reporting-api.env.example', '/etc/reporting/reporting-api.env'],
  ['deploy/reporting-api.service', '/etc/systemd/system/reporting-api.service'],
  // Of Gunicorn before.
  ['deploy/reporting-api-cluster.service', '/etc/systemd/system/reporting-api.service'],
  ['deploy/nginx-reporting-api.conf', '/etc/nginx/sites-available/reporting-api.conf'],
];
const PATHS = ['/var/lib/reporting/local.duckdb', '/var/lib/reporting/meta.sqlite'];
const COMMANDS = [
  'sudo systemctl daemon-reload',
  'sudo systemctl enable reporting-api',
  'sudo systemctl start reporting-api',
  'sudo systemctl status reporting-api -n 100',
  'journalctl -u reporting-api -f',
  'sudo ln -sf /etc/nginx/sites-available/reporting-api.conf /etc/nginx/sites-enabled/reporting-api.conf',
  'sudo nginx -t',
  'sudo systemctl reload nginx',
  'sudo certbot --nginx -d api.example.com',
];

describe('files, paths and commands', () => {
  test.each(FILES)('%s', (file, place) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
    expect(deployGuide).toContain(`${file} ${place}`);
  });

  test.each(PATHS)('%s', (path) => {
    expect(read('deploy/reporting-api.service')).toContain(`=${path}\n`);
    expect(read('deploy/reporting-api.env.example')).toContain(`=${path}\n`);
    expect(deployGuide).toContain(path);
  });

  test.each(COMMANDS)('%s', (command) => {
    expect(deployGuide.split('\n').some((line) => line.startsWith(command))).toBe(true);
  });

  test('the unit reads the settings from where they are put', () => {
    expect(read('deploy/reporting-api.service')).toContain(
      '\nEnvironmentFile=/etc/reporting/reporting-api.env\n',
    );
  });
});

describe('endpoints and metrics', () => {
  let service: TestService;
  const STEPS = { steps: [{ kind: 'query', title: 'Revenue', detail: 'by region' }] };

  beforeAll(async () => {
    service = await openService({ RUN_SCHEDULER: '1', OUTBOUND_ALLOW: '127.0.0.0/8' });
    await service.upload('orders', 'orders.csv', 'region,amount\nEU,1\nUS,2\n');
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
  });

  test('health is for load balancers: without a sign-in, as any client asks', async () => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await fetch(`${service.url}/api/healthz`, { method });
      expect(answer.status).toBe(200);
    }
    expect(await (await fetch(`${service.url}/api/healthz`)).json()).toEqual({
      status: 'ok',
      version: VERSION,
      uptimeS: expect.any(Number),
      role: expect.stringMatching(/^(?:leader|standby)$/),
      scheduler: expect.any(String),
    });
  });

  test('statistics are for admins', async () => {
    const { json: stats } = await service.call('GET', '/api/admin/stats');
    expect(Object.keys(stats)).toEqual(
      expect.arrayContaining([
        'version',
        'process',
        'memory',
        'workers',
        'queries',
        'datasources',
        'datasets',
      ]),
    );
  });

  test.each(['gemini', 'openai', 'mistral'] as const)(
    '%s is set up by PUT, asked, and counted',
    async (provider) => {
      await using model = providerModel(provider);
      const config = { provider, model: 'm', baseUrl: model.url, key: 'k-0123456789' };
      const { json: shown } = await service.call('PUT', '/api/ai/config', config);
      expect(shown).toMatchObject({ configured: true, provider, model: 'm', hasKey: true });
      model.say(STEPS);
      const { json: plan } = await service.call('POST', '/api/ai/plan', { prompt: 'a report' });
      expect(plan).toMatchObject({ steps: [{ title: 'Revenue' }] });

      const labels = `provider="${provider}",endpoint="plan"`;
      expect(await service.metric(`ai_requests_total{${labels},outcome="ok"}`)).toBe(1);
      expect(await service.metric(`ai_request_duration_ms_count{${labels}}`)).toBe(1);
      expect(await service.metric(`ai_request_duration_ms_bucket{le="+Inf",${labels}}`)).toBe(1);
    },
  );

  test('the key may come in the body of a request', async () => {
    await using model = providerModel('mistral');
    await service.call('PUT', '/api/ai/config', {
      provider: 'mistral',
      model: 'm',
      baseUrl: model.url,
      key: null,
    });
    model.say(STEPS);
    const { json: plan } = await service.call('POST', '/api/ai/plan', {
      prompt: 'x',
      apiKey: 'of-the-request',
    });
    expect(plan).toMatchObject({ steps: [{ title: 'Revenue' }] });
    expect(model.seen[0]!.headers.authorization).toBe('Bearer of-the-request');
  });

  test('what was asked for is counted, as Prometheus reads it', async () => {
    const from = { dataset: 'orders' };
    const measures = [{ agg: 'sum', field: 'amount', as: 'a' }];
    await service.call('POST', '/api/query/spec', { from, dimensions: ['region'], measures });
    await service.call('POST', '/api/query/pivot', { from, rows: ['region'], measures });
    const metrics = await fetch(`${service.url}/api/metrics`);
    expect(metrics.headers.get('content-type')).toStartWith('text/plain; version=0.0.4');
    const counted: [line: string, least: number][] = [
      ['http_requests_total{route="/api/healthz",method="GET",status="200"}', 2],
      ['logins_total{outcome="ok"}', 1],
      ['uploads_total{format="csv",outcome="ok"}', 1],
      ['queries_total{engine="duckdb",kind="spec",outcome="ok"}', 1],
      ['queries_total{engine="duckdb",kind="pivot",outcome="ok"}', 1],
      ['query_duration_seconds_count{engine="duckdb",kind="pivot"}', 1],
      ['workers{pool="query",state="idle"}', 1],
      ['outbound_requests_total{purpose="ai",outcome="ok"}', 4],
    ];
    for (const [line, least] of counted)
      expect(`${line} ${(await service.metric(line)) >= least}`).toBe(`${line} true`);
  });
});
