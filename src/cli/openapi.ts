import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../config.ts';
import type { StartService } from '../service.ts';
import { silentLog } from '../telemetry/log.ts';
import { type Command, EXIT } from './command.ts';
import { parseOptions } from './options.ts';
import { VERSION } from './version.ts';

/** `load` gives the composition of the service; it is not loaded for the help text. */
export function openapiCommand(load: () => Promise<StartService>): Command {
  return {
    name: 'openapi',
    summary: 'Print the description of the API (OpenAPI 3.1)',
    usage: `Usage: reporting-api openapi

Prints what the service answers at /api/openapi.json, with every route of this version. Needs no settings and touches no data.

Exit codes: 0 done, 1 failed, 2 wrong command line.
`,
    async run(args, io) {
      parseOptions(args, {});
      const start = await load();
      const folder = await mkdtemp(join(tmpdir(), 'reporting-openapi-'));
      try {
        const config = readConfig({
          HOST: '127.0.0.1',
          PORT: '0',
          SECRET_KEY: crypto.randomUUID(),
          METADATA_DB_PATH: join(folder, 'meta.sqlite'),
          DUCKDB_PATH: join(folder, 'local.duckdb'),
          BACKUP_CRON: 'off',
        });
        const service = await start({ config, log: silentLog, version: VERSION, demo: false });
        try {
          const answer = await fetch(`${service.url}/api/openapi.json`);
          io.out(`${JSON.stringify(await answer.json(), null, 2)}\n`);
        } finally {
          await service.stop(0);
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
      return EXIT.ok;
    },
  };
}
