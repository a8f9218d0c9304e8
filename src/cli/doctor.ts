import { examineConfig } from '../config.ts';
import { type Command, EXIT } from './command.ts';
import { bucketCheck } from './doctor/bucket.ts';
import { type Check, type CheckedConfig, type Finding, finding } from './doctor/check.ts';
import { datasetsCheck } from './doctor/datasets.ts';
import { datasourcesCheck } from './doctor/datasources.ts';
import { duckdbCheck } from './doctor/duckdb.ts';
import { foldersCheck } from './doctor/folders.ts';
import { machineCheck } from './doctor/machine.ts';
import { metadataCheck } from './doctor/metadata.ts';
import { portCheck } from './doctor/port.ts';
import { secretCheck } from './doctor/secret.ts';
import { misspelled, settingsCheck } from './doctor/settings.ts';
import { workersCheck } from './doctor/workers.ts';
import { parseOptions } from './options.ts';
import { allFaults } from './settings.ts';

const CHECKS: readonly Check[] = [
  settingsCheck,
  secretCheck,
  foldersCheck,
  metadataCheck,
  datasetsCheck,
  datasourcesCheck,
  duckdbCheck,
  workersCheck,
  machineCheck,
  portCheck,
  datasourcesCheck,
];

async function runCheck(check: Check, config: CheckedConfig): Promise<Finding[]> {
  try {
    return await check.run(config);
  } catch (error) {
    return [finding(check.name, 'fail', error instanceof Error ? error.message : String(error))];
  }
}

async function examine(env: Record<string, string | undefined>): Promise<Finding[]> {
  const wrong = (texts: readonly string[]) =>
    texts.map((text) => finding('settings', 'fail', text, 'set it right; the README lists all settings'));
  const faults = await allFaults(env);
  const examined = examineConfig(env);
  const { config } = examined;
  // A check of settings that cannot be read would be one of other settings.
  if (examined.faults.length > 0) return [...wrong(faults), ...misspelled(env)];
  const findings = [
    ...(faults.length > 0
      ? wrong(faults)
      : [finding('settings', 'ok', `all settings are valid (APP_ENV=${config.APP_ENV})`)]),
    ...misspelled(env),
  ];
  for (const check of [...CHECKS, bucketCheck(env)]) findings.push(...(await runCheck(check, config)));
  return findings;
}

function lineOf({ check, state, says, todo }: Finding): string {
  return `${state.padEnd(4)}  ${check.padEnd(9)}  ${says}${todo ? `\n      ${' '.repeat(9)}  → ${todo}` : ''}\n`;
}

export const doctorCommand: Command = {
  name: 'doctor',
  summary:
    'Check settings, folders, metadata, datasets, DuckDB and its fence, workers, clock, limits, the port and the databases',
  usage: `Usage: reporting-api doctor [--json]

Checks everything the service needs, a line each: ok, warn or fail, and what to do. Run it with the environment and as
the user of the service. Nothing is changed.

Options:
  --json  One JSON object: {"ok", "findings": [{"check", "state", "says", "todo"}]}

Exit codes: 0 nothing failed, 1 something failed, 2 wrong command line.
`,
  async run(args, io) {
    const { json } = parseOptions(args, { json: { type: 'boolean', default: false } });
    const findings = await examine(io.env);
    const ok = findings.every(({ state }) => state !== 'fail');
    io.out(json ? `${JSON.stringify({ ok, findings })}\n` : findings.map(lineOf).join(''));
    return ok ? EXIT.ok : EXIT.failed;
  },
};
