import type { CompleteConfig } from '../settings.ts';

export type State = 'ok' | 'warn' | 'fail';

/** What a check found: a fact and, unless all is well, what to do about it. */
export interface Finding {
  check: string;
  state: State;
  says: string;
  todo?: string;
}

export type CheckedConfig = Omit<CompleteConfig, 'SECRET_KEY'> & { readonly SECRET_KEY: string | undefined };

export interface Check {
  name: string;
  run(config: CheckedConfig): Promise<Finding[]>;
}

export const finding = (check: string, state: State, says: string, todo?: string): Finding => ({
  check,
  state,
  says,
  ...(todo === undefined ? {} : { todo }),
});
