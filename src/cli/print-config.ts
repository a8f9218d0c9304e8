import { printConfig } from '../config.ts';
import type { Command } from './command.ts';
import { EXIT } from './command.ts';
import { parseOptions } from './options.ts';
import { checkedConfig } from './settings.ts';

export const printConfigCommand: Command = {
  name: 'print-config',
  summary: 'Print the settings in force, secrets hidden',
  usage: `Usage: reporting-api print-config

Prints every setting as NAME=value, as it was read from the environment, with secrets hidden.

Exit codes: 0 done, 2 wrong command line or settings; all faults are listed.
`,
  async run(args, io) {
    parseOptions(args, {});
    io.out(printConfig(checkedConfig(io.env)));
    return EXIT.ok;
  },
};
