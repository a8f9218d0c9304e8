import { Seal } from '../base/seal.ts';
import { ConfigError } from '../config.ts';
import { resealAll } from '../services/reseal.ts';
import { withStore } from '../store/with-store.ts';
import { createLog } from '../telemetry/log.ts';
import { type Action, actionsCommand, parseArguments } from './arguments.ts';
import { checkedConfig } from './settings.ts';

const rotate: Action = async (args, io) => {
  const { values } = parseArguments(args, [], { json: { type: 'boolean', default: false } });
  const config = checkedConfig(io.env);
  const { SECRET_KEY, SECRET_KEY_PREVIOUS, METADATA_DB_PATH: path } = config;
  if (SECRET_KEY === undefined || SECRET_KEY_PREVIOUS === undefined)
    throw new ConfigError([
      'SECRET_KEY, SECRET_KEY_PREVIOUS: set both, to the new key and to the one before',
    ]);
  const log = createLog('error', io.err);
  const seal = new Seal(SECRET_KEY, SECRET_KEY_PREVIOUS);
  const counts = await withStore(path, log, (store) => resealAll(store, seal, log));
  const { resealed, current, unreadable } = counts;
  if (values.json) io.out(`${JSON.stringify(counts)}\n`);
  else
    io.out(
      `Secrets: ${resealed} sealed anew, ${current} were already, ${unreadable} cannot be opened by either key.\n`,
    );
};

export const secretCommand = actionsCommand(
  {
    name: 'secret',
    summary: 'Seal stored secrets under a new SECRET_KEY',
    usage: `Usage: reporting-api secret rotate [--json]

Seals all stored secrets (of datasources, those with a name, the key of AI) that SECRET_KEY_PREVIOUS opens under SECRET_KEY, in one
transaction; the start of the service does the same.
When it has counted none that cannot be opened, SECRET_KEY_PREVIOUS may go once sign-ins of the old key are over
(ACCESS_TOKEN_MINUTES). Secrets that neither key opens stay as they are and are named on the error stream: enter them again.
--json gives {"resealed", "current", "unreadable"}; the secrets of a datasource count as one.

Exit codes: 0 done, 1 failed, 2 wrong command line or settings.
`,
  },
  { rotate },
);
