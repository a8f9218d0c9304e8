import { overLimit, type StatementLimits } from '../limits.ts';
import { placeOf } from '../refusal.ts';
import { isMark, isWord, type Token } from '../token.ts';

/** Where a chain of arrows ends for sure, whatever binds closer. */
const ENDS = [
  'select',
  'from',
  'where',
  'group',
  'having',
  'qualify',
  'order',
  'union',
  'intersect',
  'except',
];
const OTHER_ENDS = ['limit', 'on', 'when', 'then', 'else', 'as', 'window', 'with'];

/**
 * DuckDB binds each side of `->` twice, as a lambda's and as JSON's, so a chain takes time that doubles with each arrow. Counted
 * in the tokens, since a parser may group arrows otherwise than DuckDB, where they bind more loosely than comparisons.
 */
export function checkArrows(tokens: readonly Token[], limits: StatementLimits, text: string): void {
  const outer: { chain: number; longest: number }[] = [];
  let level = { chain: 0, longest: 0 };
  for (const token of tokens) {
    if (isMark(token, '(') || isMark(token, '[') || isMark(token, '{')) {
      outer.push(level);
      level = { chain: 0, longest: 0 };
    } else if (isMark(token, ')') || isMark(token, ']') || isMark(token, '}')) {
      const inner = level;
      level = outer.pop()!;
      level.chain += inner.longest;
    } else if (isMark(token, ',') || isWord(token, ...ENDS, ...OTHER_ENDS)) {
      level.chain = 0;
    } else if (token.kind === 'operator' && token.value === '->') {
      level.chain += 1;
    }
    level.longest = Math.max(level.longest, level.chain);
    if (level.longest > limits.arrows) throw overLimit('arrows', limits, placeOf(text, token.start));
  }
}
