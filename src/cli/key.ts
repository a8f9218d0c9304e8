import { iso } from '../base/clock.ts';
import { type ApiKey, NewApiKey } from '../domain/api-key.ts';
import { parse } from '../domain/schema.ts';
import type { Identity } from '../services/identity.ts';
import { type Action, actionsCommand, parseArguments, required } from './arguments.ts';
import { CLI, withIdentity } from './metadata.ts';
import { UsageError } from './options.ts';
import { textTable } from './text-table.ts';

const JSON_OPTION = { json: { type: 'boolean' } } as const;
const PAGE = 500;
const UNITS_MS: Record<string, number> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `30d` from now, or an ISO time as it is. */
function expiry(text: string): string {
  const span = /^(\d{1,5})([hdw])$/.exec(text);
  if (span) return iso(Date.now() + Number(span[1]) * UNITS_MS[span[2]!]!);
  if (/^\d{4}-/.test(text)) return text;
  throw new UsageError(`--expires must be such as 12h, 30d, 8w or an ISO time, not ${JSON.stringify(text)}`);
}

const create: Action = async (args, io) => {
  const { values } = parseArguments(args, [], {
    ...JSON_OPTION,
    user: { type: 'string' },
    name: { type: 'string' },
    scopes: { type: 'string' },
    expires: { type: 'string' },
  });
  const email = required(values.user, '--user');
  const input = parse(NewApiKey, {
    name: required(values.name, '--name'),
    scopes: required(values.scopes, '--scopes').split(','),
    ...(values.expires === undefined ? {} : { expiresAt: expiry(values.expires) }),
  });
  const issued = await withIdentity(io, async ({ users, apiKeys }) =>
    apiKeys.createFor(await users.find(email), input, CLI),
  );
  if (values.json) return io.out(`${JSON.stringify(issued)}\n`);
  io.out(`Made key ${issued.id}. It is shown this once:\n${issued.key}\n`);
};

async function everyKey({ apiKeys }: Identity): Promise<ApiKey[]> {
  const all: ApiKey[] = [];
  for (;;) {
    const page = await apiKeys.list(PAGE, all.at(-1)?.id);
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

const list: Action = async (args, io) => {
  const { values } = parseArguments(args, [], JSON_OPTION);
  const all = await withIdentity(io, everyKey);
  if (values.json) return io.out(`${JSON.stringify(all)}\n`);
  const rows = all.map((key) => [
    key.id,
    `${key.hint}…`,
    key.name,
    key.userId,
    key.scopes.join(','),
    key.expiresAt ?? 'never',
    key.lastUsedAt ?? 'never',
    key.revokedAt === null ? 'no' : 'yes',
  ]);
  io.out(textTable(['ID', 'KEY', 'NAME', 'USER', 'SCOPES', 'EXPIRES', 'LAST USED', 'REVOKED'], rows));
};

const revoke: Action = async (args, io) => {
  const { values, positionals } = parseArguments(args, ['ID'], JSON_OPTION);
  const id = positionals[0]!;
  await withIdentity(io, ({ apiKeys }) => apiKeys.revokeAny(id, CLI));
  io.out(values.json ? `${JSON.stringify({ id, revoked: true })}\n` : `Revoked ${id}\n`);
};

export const keyCommand = actionsCommand(
  {
    name: 'key',
    summary: 'Make, list and revoke API keys',
    usage: `Usage: reporting-api key create --user EMAIL --name N --scopes read[,write[,admin]] [--expires 30d]
       reporting-api key list
       reporting-api key revoke ID

Works on the metadata of METADATA_DB_PATH, also while the service runs. A key is shown once, when it is made.
--expires takes hours (12h), days (30d), weeks (8w) or an ISO time; without it the key does not expire.
With --json the answer is JSON.

Exit codes: 0 done, 1 failed, 2 wrong command line or settings.
`,
  },
  { create, list, revoke },
);
