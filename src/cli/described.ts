import type { Command } from './command.ts';
import type { Commands } from './run.ts';

/** A command as its own help text describes it. */
export interface Described extends Pick<Command, 'name' | 'summary' | 'usage'> {
  /** First arguments that say what to do. */
  actions: string[];
  /** With their dashes. */
  options: string[];
}

function describe({ name, summary, usage }: Command): Described {
  const synopsis = usage.split('\n\n')[0]!;
  const actions = [...synopsis.matchAll(/reporting-api [a-z-]+ ([a-z][a-z|-]*)/g)].flatMap(([, found]) =>
    found!.split('|'),
  );
  const options = [...usage.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option);
  return {
    name,
    summary,
    usage,
    actions: [...new Set(actions)],
    options: [...new Set(['--help', ...options])],
  };
}

/** All commands, in the order of the help. */
export async function describeAll(commands: Commands): Promise<Described[]> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  return all.map(describe);
}
