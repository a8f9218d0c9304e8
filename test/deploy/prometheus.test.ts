import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { findCommand } from '../programs.ts';
import { openService } from '../support/service-kit.ts';

const DEPLOY = join(import.meta.dir, '../../deploy');
const read = (file: string) => readFileSync(join(DEPLOY, file), 'utf8');

function promtool(args: string[], input = ''): { code: number; text: string } {
  const run = Bun.spawnSync([findCommand('promtool')!, ...args], { cwd: DEPLOY, stdin: Buffer.from(input) });
  return { code: run.exitCode, text: `${run.stdout}${run.stderr}` };
}

test('what a working process tells is as promtool wants it', async () => {
  await using service = await openService();
  await service.upload('orders', 'orders.csv', 'region,amount\nEU,1\n');
  await service.call('POST', '/api/query/spec', { from: { dataset: 'orders' }, dimensions: ['region'] });
  await service.call('POST', '/api/query/spec', { from: { dataset: 'nope' }, dimensions: ['region'] });
  const { text } = await service.call('GET', '/api/metrics');
  expect(text).toContain('queries_total{engine="duckdb",kind="spec",outcome="ok"} 1');
  expect(promtool(['check', 'metrics'], text)).toEqual({ code: 0, text: '' });
  expect(promtool(['check', 'metrics'], 'things_total 1\n# TYPE x gauge\nx_total 1\n').code).not.toBe(0);
});

test('the alerts are right, and so are their tests', () => {
  const checked = promtool(['check', 'rules', 'prometheus-rules.yml']);
  expect(checked.text).toContain('SUCCESS');
  expect(checked.code).toBe(0);
  const tested = promtool(['test', 'rules', 'prometheus-rules.test.yml']);
  expect(tested.text).toContain('SUCCESS');
  expect(tested.code).toBe(0);
});

test('every alert has a test', () => {
  const named = (text: string, pattern: RegExp) =>
    new Set([...text.matchAll(pattern)].map(([, name]) => name!));
  const alerts = named(read('prometheus-rules.yml'), /- alert: (\w+)/g);
  expect(alerts.size).toBeGreaterThan(5);
  expect(named(read('prometheus-rules.test.yml'), /alertname: (\w+)/g)).toEqual(alerts);
});

describe('names of metrics', async () => {
  const kinds = await createMetrics().registry.getMetricsAsJSON();
  const known = new Set(
    kinds.flatMap(({ name, type }) =>
      String(type) === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
  const used = (text: string) =>
    [...text.matchAll(/\b([a-z][a-z0-9]*(?:_[a-z0-9]+)+)(?=\{|\[|\)| [>/])/g)].map(([, name]) => name!);

  interface Panel {
    id: number;
    title: string;
    targets?: { expr: string }[];
  }
  const dashboard = JSON.parse(read('grafana-dashboard.json')) as { panels: Panel[] };

  test('of the dashboard are there', () => {
    const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(expressions.length).toBeGreaterThan(15);
    const selected = (expr: string) => [...expr.matchAll(/\b([a-z][a-z0-9_]*)\{/g)].map(([, name]) => name!);
    const names = new Set(expressions.flatMap(selected));
    expect(names.size).toBeGreaterThan(15);
    expect([...names].filter((name) => !known.has(name))).toEqual([]);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });

  test('of the alerts are there', () => {
    const rules = read('prometheus-rules.yml')
      .replace(/reporting_api:\S+/g, '')
      .replace(/by \([^)]*\)/g, '');
    const names = new Set(used(rules));
    expect(names.size).toBeGreaterThan(8);
    expect([...names].filter((name) => !known.has(name))).toEqual([]);
  });
});

test('every expression of the dashboard is one that Prometheus reads', async () => {
  const dashboard = JSON.parse(read('grafana-dashboard.json')) as {
    panels: { targets?: { expr: string }[] }[];
  };
  const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const rules = expressions.map(
    (expr, i) =>
      `  - record: panel:${i}:x\n    expr: ${JSON.stringify(expr.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*'))}`,
  );
  const file = `groups:\n- name: panels\n  rules:\n${rules.join('\n')}\n`;
  const folder = await mkdtemp(join(tmpdir(), 'panels-'));
  await Bun.write(join(folder, 'panels.yml'), file);
  const checked = promtool(['check', 'rules', join(folder, 'panels.yml')]);
  await rm(folder, { recursive: true });
  expect(checked.text).toContain(`${expressions.length} rules found`);
  expect(checked.code).toBe(0);
});
