import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CODES, type Code } from '../src/base/errors.ts';
import { COMMANDS } from '../src/cli/commands.ts';
import { describeAll } from '../src/cli/described.ts';
import { manPage } from '../src/cli/man-page.ts';
import { STATUS } from '../src/http/problem.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { envExample, settingsTables } from './docs-settings.ts';
import { thirdParty } from './docs-third-party.ts';
import { ROOT } from './sources.ts';

function errorTable(): string {
  const codes = Object.entries(CODES) as [Code, string][];
  const rows = codes.map(([code, title]) => `| \`${code}\` | ${STATUS[code]} | ${title} |`);
  return `| Code | Status | Title |\n|---|---|---|\n${rows.join('\n')}\n`;
}

/** The service's own metrics; those of the process (prom-client's default ones) have names of their own. */
async function metricsTable(): Promise<string> {
  const all = await createMetrics().registry.getMetricsAsJSON();
  const own = all.filter(({ name }) => !/^(process|nodejs)_/.test(name));
  const rows = own.map(({ name, type, help }) => `| \`${name}\` | ${String(type)} | ${help} |`);
  return `| Metric | Kind | Meaning |\n|---|---|---|\n${rows.join('\n')}\n`;
}

interface Measured {
  of: string;
  machine: { cores: number; memoryGiB: number };
  start: { startMs: number; idleRssMiB: number };
  cached: { answerBytes: number; barePerSecond: number; cachedPerSecond: number; ratio: number };
  health: { heavyPivots: number; busyP99Ms: number };
  source: {
    rows: number;
    pivots: { pivot: string; bareMs: number; httpMs: number; ratio: number }[];
    streaming: { bareRowsPerSecond: number; rowsPerSecond: number; ratio: number };
    clients: { clients: number; pool: number; seconds: number; p95Ms: number };
  };
  pivots: { rows: number; pivot: string; bareMs: number; httpMs: number; ratio: number }[];
}

/** What `bench --save` kept. Times are of one machine; the ratios are what carries over. */
function benchTable(): string {
  const { of, machine, start, cached, health, source, pivots } = JSON.parse(
    readFileSync(join(ROOT, 'test/bench/results/latest.json'), 'utf8'),
  ) as Measured;
  const rows = [
    ['start to the first health answer', `${start.startMs} ms`],
    ['memory before the first query', `${start.idleRssMiB} MiB`],
    [`\`/api/healthz\` while ${health.heavyPivots} heavy pivots run, 99 % within`, `${health.busyP99Ms} ms`],
    [
      `cached answers a second (${cached.answerBytes} bytes), and a bare \`Bun.serve\` with the same bytes`,
      `${cached.cachedPerSecond}, ${cached.barePerSecond} (${cached.ratio} ×)`,
    ],
    ...pivots.map(({ rows: count, pivot, bareMs, httpMs, ratio }) => [
      `pivot "${pivot}" of ${count.toLocaleString('en')} rows through HTTP, and its statements in bare DuckDB`,
      `${Math.round(httpMs)} ms, ${Math.round(bareMs)} ms (${ratio} ×)`,
    ]),
  ];
  const { streaming, clients } = source;
  rows.push(
    ...source.pivots.map(({ pivot, bareMs, httpMs, ratio }) => [
      `pivot "${pivot}" over ${source.rows.toLocaleString('en')} rows of PostgreSQL, and its statements in the bare driver`,
      `${Math.round(httpMs)} ms, ${Math.round(bareMs)} ms (${ratio} ×)`,
    ]),
    [
      'rows a second from PostgreSQL into columns, and the bare driver with a cursor',
      `${streaming.rowsPerSecond.toLocaleString('en')}, ${streaming.bareRowsPerSecond.toLocaleString('en')} (${streaming.ratio} ×)`,
    ],
    [
      `${clients.clients} clients at once over a pool of ${clients.pool}`,
      `all answered in ${clients.seconds} s, 95 % within ${clients.p95Ms} ms`,
    ],
  );
  const table = rows.map(([what, value]) => `| ${what} | ${value} |`).join('\n');
  return `The ${of} on ${machine.cores} cores and ${machine.memoryGiB} GiB, by \`bench --save\`; each ratio is of one run.\n\n| | |\n|---|---|\n${table}\n`;
}

/** Replaces what stands between `<!-- name:begin -->` and `<!-- name:end -->`. */
export function fillIn(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const start = text.indexOf(begin);
  const stop = text.indexOf(end);
  if (start < 0 || stop < start) throw new Error(`there is no place for ${name}`);
  return `${text.slice(0, start + begin.length)}\n\n${content}\n${text.slice(stop)}`;
}

/** Every file that is written from the code, whole or in part: its path and what it should hold. */
export async function generatedDocuments(): Promise<Map<string, string>> {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const parts = {
    settings: settingsTables(),
    errors: errorTable(),
    metrics: await metricsTable(),
    bench: benchTable(),
  };
  return new Map([
    ['README.md', Object.entries(parts).reduce((text, [name, part]) => fillIn(text, name, part), readme)],
    ['deploy/reporting-api.env.example', envExample()],
    ['deploy/reporting-api.1', manPage(await describeAll(COMMANDS))],
    ['THIRD_PARTY.md', thirdParty()],
  ]);
}

if (import.meta.main)
  for (const [path, text] of await generatedDocuments()) writeFileSync(join(ROOT, path), text);
