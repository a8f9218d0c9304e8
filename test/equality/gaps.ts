import type { Engine } from '../../src/sql/dialect.ts';

/** What an engine cannot do as the language means it: the code that it answers, or `differs` with the reason. */
export interface Gap {
  engine: Engine;
  /** Part of the titles of the cases that show it. */
  in: string;
  code: 'query.unsupported' | 'differs';
  because: string;
}

export const GAPS: readonly Gap[] = [];

export const gapOf = (engine: Engine, title: string): Gap | undefined =>
  GAPS.find((gap) => gap.engine === engine && title.includes(gap.in));
