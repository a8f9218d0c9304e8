import { systemClock } from '../base/clock.ts';
import type { Config } from '../config.ts';
import type { Datasets } from '../services/datasets.ts';
import type { QueryService } from '../services/query.ts';
import type { Log } from '../telemetry/log.ts';
import { openCore } from './core.ts';
import { proveEngine } from './engines.ts';
import type { Parts } from './parts.ts';

export interface Toolbox {
  parts: Parts;
  datasets: Datasets;
  /** Of datasets; databases of the settings need their own secrets. */
  queries: QueryService;
}

/** Runs one piece of work with the parts of the service that know datasets, without port and jobs. The service may run beside it. */
export async function withToolbox<T>(
  settings: Config,
  log: Log,
  env: Parts['env'],
  work: (toolbox: Toolbox) => Promise<T>,
): Promise<T> {
  const config = {
    ...settings,
    // No command signs or opens anything, so the secret need not be known here.
    SECRET_KEY: settings.SECRET_KEY ?? crypto.randomUUID(),
    // A command asks as fast as it is answered; the rate is for users of the port.
    QUERY_BURST: Number.MAX_SAFE_INTEGER,
  };
  const { parts, pools, ingest, queries, closing } = await openCore({
    config,
    log,
    clock: systemClock,
    poolSize: 1,
    env,
  });
  await using _ = closing;
  await proveEngine(pools);
  return await work({ parts, datasets: ingest.datasets, queries });
}
