import { AppError, describe } from '../base/errors.ts';
import { ConfigError } from '../config.ts';
import { type Command, EXIT, type Io } from './command.ts';
import { UsageError } from './options.ts';
import { VERSION } from './version.ts';

/** Sub-commands by name, loaded when called for: each pulls in its own part of the program. */
export type Commands = Readonly<Record<string, () => Promise<Command>>>;

const isHelp = (arg: string | undefined) => arg === '--help' || arg === '-h';

async function help(commands: Commands): Promise<string> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  const width = Math.max(...all.map(({ name }) => name.length));
  return `Usage: reporting-api <command> [options]

Commands:
${all.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}

Options:
  --help          Show this, or with a command its own help
  --version       Show the version
  --print-config  Print the settings in force, secrets hidden

Settings come from the environment (print-config shows them); they are explained in the README.
Exit codes: 0 done, 1 failed, 2 wrong command line or settings.
`;
}

/** A folder that is away, a disk that is full: the message has the name of the file, and a stack tells nobody more. */
const isOfSystem = (error: unknown): error is Error =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';

const textOf = (error: unknown) =>
  error instanceof AppError || isOfSystem(error) ? error.message : describe(error);

async function runCommand(load: () => Promise<Command>, args: string[], io: Io): Promise<number> {
  let command: Command;
  try {
    command = await load();
  } catch (error) {
    io.err(`${textOf(error)}\n`);
    return EXIT.failed;
  }
  if (args.some(isHelp)) {
    io.out(command.usage);
    return EXIT.ok;
  }
  try {
    return await command.run(args, io);
  } catch (error) {
    if (error instanceof UsageError) io.err(`${error.message}\n\n${command.usage}`);
    else if (error instanceof ConfigError) io.err(`${error.message}\n`);
    else {
      io.err(`${textOf(error)}\n`);
      return EXIT.failed;
    }
    return EXIT.usage;
  }
}

/** Runs a whole command line and gives the exit code. */
export async function runCli(args: string[], io: Io, commands: Commands): Promise<number> {
  const [first, ...rest] = args;
  if (first === '--version' || first === '-v') {
    io.out(`${VERSION}\n`);
    return EXIT.ok;
  }
  if (isHelp(first)) {
    io.out(await help(commands));
    return EXIT.ok;
  }
  const name = first === '--print-config' ? 'print-config' : first;
  const load = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    io.err(
      `${first === undefined ? 'A command is missing' : `Unknown command ${JSON.stringify(first)}`}\n\n`,
    );
    io.err(await help(commands));
    return EXIT.usage;
  }
  return runCommand(load, rest, io);
}
