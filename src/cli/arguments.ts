import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Command, EXIT, type Io } from './command.ts';
import { UsageError } from './options.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Node's parser, strict, with exactly the named positional arguments. Throws UsageError. */
export function parseArguments<const O extends Options>(
  args: string[],
  names: readonly string[],
  options: O,
) {
  const parsed = readStrictly(args, options);
  const { positionals } = parsed;
  const missing = names[positionals.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing`);
  if (positionals.length > names.length)
    throw new UsageError(`Unexpected argument ${JSON.stringify(positionals[names.length])}`);
  return parsed;
}

function readStrictly<const O extends Options>(args: string[], options: O) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: true });
  } catch (error) {
    if (!(error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')) throw error;
    throw new UsageError((error as Error).message);
  }
}

/** The value of an option that must be there. Throws UsageError. */
export function required(value: string | undefined, option: string): string {
  if (value === undefined || value === '') throw new UsageError(`${option} is missing`);
  return value;
}

export type Action = (args: string[], io: Io) => Promise<void>;

/** A command whose first argument says what to do. */
export function actionsCommand(
  about: Omit<Command, 'run'>,
  actions: Readonly<Record<string, Action>>,
): Command {
  return {
    ...about,
    async run([name, ...args], io) {
      const action = name !== undefined && Object.hasOwn(actions, name) ? actions[name] : undefined;
      if (!action) {
        const fault = name === undefined ? 'An action is missing' : `Unknown action ${JSON.stringify(name)}`;
        throw new UsageError(`${fault}; there are ${Object.keys(actions).join(', ')}`);
      }
      await action(args, io);
      return EXIT.ok;
    },
  };
}
