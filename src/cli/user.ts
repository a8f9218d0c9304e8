import { parse } from '../domain/schema.ts';
import { NewUser, Password, type User } from '../domain/user.ts';
import type { Identity } from '../services/identity.ts';
import { randomText } from '../services/secrets.ts';
import { type Action, actionsCommand, parseArguments, required } from './arguments.ts';
import type { Io } from './command.ts';
import { CLI, withIdentity } from './metadata.ts';
import { textTable } from './text-table.ts';

const JSON_OPTION = { json: { type: 'boolean' } } as const;
const PASSWORD_OPTION = { 'password-stdin': { type: 'boolean' } } as const;
const GENERATED_LENGTH = 20;
const PAGE = 500;

/** The password of the standard input, or else one to be shown. */
async function choosePassword(fromStdin: boolean | undefined, io: Io) {
  if (!fromStdin) return { password: randomText(GENERATED_LENGTH), isGenerated: true };
  return { password: (await io.stdin()).replace(/\r?\n$/, ''), isGenerated: false };
}

function show(io: Io, isJson: boolean | undefined, user: User, text: string, generated?: string): void {
  const password = generated === undefined ? {} : { password: generated };
  if (isJson) io.out(`${JSON.stringify({ ...user, ...password })}\n`);
  else io.out(`${text}\n${generated === undefined ? '' : `Password: ${generated}\n`}`);
}

const create: Action = async (args, io) => {
  const { values } = parseArguments(args, [], {
    ...JSON_OPTION,
    ...PASSWORD_OPTION,
    email: { type: 'string' },
    name: { type: 'string' },
    role: { type: 'string' },
  });
  const email = required(values.email, '--email');
  const role = required(values.role, '--role');
  const name = values.name ?? email;
  const { password, isGenerated } = await choosePassword(values['password-stdin'], io);
  const input = parse(NewUser, { email, name, role, password });
  const user = await withIdentity(io, ({ users }) => users.create(input, CLI));
  const text = `Made ${user.role} ${user.email} (${user.id})`;
  show(io, values.json, user, text, isGenerated ? password : undefined);
};

async function everyUser({ users }: Identity): Promise<User[]> {
  const all: User[] = [];
  for (;;) {
    const page = await users.list(PAGE, all.at(-1)?.id);
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

const list: Action = async (args, io) => {
  const { values } = parseArguments(args, [], JSON_OPTION);
  const all = await withIdentity(io, everyUser);
  if (values.json) return io.out(`${JSON.stringify(all)}\n`);
  const rows = all.map(({ id, email, name, role, disabled }) => [
    id,
    email,
    name,
    role,
    disabled ? 'yes' : 'no',
  ]);
  io.out(textTable(['ID', 'EMAIL', 'NAME', 'ROLE', 'DISABLED'], rows));
};

const setDisabled =
  (disabled: boolean): Action =>
  async (args, io) => {
    const { values, positionals } = parseArguments(args, ['EMAIL'], JSON_OPTION);
    const user = await withIdentity(io, async ({ users }) => {
      const { id } = await users.find(positionals[0]!);
      return users.update(id, { disabled }, CLI);
    });
    show(io, values.json, user, `${disabled ? 'Disabled' : 'Enabled'} ${user.email}`);
  };

const setPassword: Action = async (args, io) => {
  const { values, positionals } = parseArguments(args, ['EMAIL'], { ...JSON_OPTION, ...PASSWORD_OPTION });
  const { password, isGenerated } = await choosePassword(values['password-stdin'], io);
  parse(Password, password, '/password');
  const user = await withIdentity(io, async ({ users }) => {
    const { id } = await users.find(positionals[0]!);
    return users.update(id, { password }, CLI);
  });
  const text = `Set the password of ${user.email} and ended all sessions`;
  show(io, values.json, user, text, isGenerated ? password : undefined);
};

export const userCommand = actionsCommand(
  {
    name: 'user',
    summary: 'Make, list and disable users, set passwords',
    usage: `Usage: reporting-api user create --email E --role admin|editor|viewer [--name N] [--password-stdin]
       reporting-api user list
       reporting-api user disable EMAIL
       reporting-api user enable EMAIL
       reporting-api user set-password EMAIL [--password-stdin]

Works on the metadata of METADATA_DB_PATH, also while the service runs. Without --password-stdin a password is
made and shown once. With --json the answer is JSON.

Exit codes: 0 done, 1 failed, 2 wrong command line or settings.
`,
  },
  { create, list, disable: setDisabled(true), enable: setDisabled(false), 'set-password': setPassword },
);
