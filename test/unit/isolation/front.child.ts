import { join } from 'node:path';
import { EngineProcesses } from '../../../src/isolation/engine-processes.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import type { ScriptedJob } from '../../support/scripted.worker.ts';

// A front that says the id of its engine process, which hangs, and waits to be killed.
const engines = new EngineProcesses({
  command: [process.execPath, join(import.meta.dir, '../../support/scripted-engine.ts')],
  env: {},
  dataLimitBytes: 2 ** 31,
  nice: 0,
  memory: { processBytes: 2 ** 32, totalBytes: 2 ** 34 },
  idleMs: 60_000,
  metrics: createMetrics(),
  log: silentLog,
});
const kind = engines.kind('test', {
  endingMs: 60_000,
  lanes: () => ({
    lanes: [{ name: 'test', worker: 'query', size: 2, options: { greeting: 'hello' } }],
    removed: () => undefined,
  }),
});
const lane = kind.lane<ScriptedJob, unknown>('test', 2);
const signal = new AbortController().signal;
void lane.run({ do: 'hang' }, { signal });
process.stdout.write(`${await lane.run({ do: 'pid' }, { signal })}\n`);
setInterval(() => undefined, 1000);
