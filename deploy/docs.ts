import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CODES, type Code } from '../src/base/errors.ts';
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
  const parts = { settings: settingsTables(), errors: errorTable(), metrics: await metricsTable() };
  return new Map([
    ['README.md', Object.entries(parts).reduce((text, [name, part]) => fillIn(text, name, part), readme)],
    ['deploy/reporting-api.env.example', envExample()],
    ['THIRD_PARTY.md', thirdParty()],
  ]);
}

if (import.meta.main)
  for (const [path, text] of await generatedDocuments()) writeFileSync(join(ROOT, path), text);
