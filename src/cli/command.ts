/** What a sub-command may touch of the process. */
export interface Io {
  env: Record<string, string | undefined>;
  out(text: string | Uint8Array): void;
  err(text: string): void;
  /** All of the standard input as text. */
  stdin(): Promise<string>;
}

export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** A sub-command of `reporting-api`; `run` gets what follows its name and gives the exit code (see EXIT). */
export interface Command {
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** The whole help text. */
  usage: string;
  run(args: string[], io: Io): Promise<number>;
}
