import type { Engine } from '../../src/sql/dialect.ts';

/** What an engine cannot do as the language means it: the code that it answers, or `differs` with the reason. */
export interface Gap {
  engine: Engine;
  /** Part of the titles of the cases that show it. */
  in: string;
  code: 'query.unsupported' | 'differs';
  because: string;
}

export const GAPS: readonly Gap[] = [
  {
    engine: 'mssql',
    in: '"op":"matches"',
    code: 'query.unsupported',
    because: 'SQL Server has no regular expressions before 2025',
  },
  {
    engine: 'mssql',
    in: '"op":"like","value":"_"',
    code: 'differs',
    because: 'under a binary collation one character past the first plane of Unicode is two to LIKE',
  },
];

export const gapOf = (engine: Engine, title: string): Gap | undefined =>
  GAPS.find((gap) => gap.engine === engine && title.includes(gap.in));
