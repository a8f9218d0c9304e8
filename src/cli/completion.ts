import { parseArguments } from './arguments.ts';
import { type Command, EXIT } from './command.ts';
import { SHELLS } from './completion-scripts.ts';
import { describeAll } from './described.ts';
import { UsageError } from './options.ts';
import type { Commands } from './run.ts';

/** `load` gives all commands, this one among them. */
export function completionCommand(load: () => Promise<Commands>): Command {
  return {
    name: 'completion',
    summary: 'Print the completion of commands and options for a shell',
    usage: `Usage: reporting-api completion bash|zsh|fish

  bash  source <(reporting-api completion bash)
  zsh   source <(reporting-api completion zsh)
  fish  reporting-api completion fish | source

Exit codes: 0 done, 2 wrong command line.
`,
    async run(args, io) {
      const { positionals } = parseArguments(args, ['SHELL'], {});
      const shell = positionals[0]!;
      if (!Object.hasOwn(SHELLS, shell)) throw new UsageError('SHELL must be bash, zsh or fish');
      io.out(SHELLS[shell as keyof typeof SHELLS](await describeAll(await load())));
      return EXIT.ok;
    },
  };
}
