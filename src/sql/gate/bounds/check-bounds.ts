import type { StatementLimits } from '../limits.ts';
import { placeOf, refused } from '../refusal.ts';
import { isWord, type Token } from '../token.ts';
import { checkArrows } from './check-arrows.ts';
import { checkCounts } from './check-counts.ts';
import { checkExpansion } from './check-expansion.ts';
import { checkTexts } from './check-texts.ts';

/** A CTE that is written into each place that names it doubles the plan with each CTE over it. */
function checkMaterialized(tokens: readonly Token[], text: string): void {
  const index = tokens.findIndex(
    (token, at) => isWord(token, 'materialized') && isWord(tokens[at - 1], 'not'),
  );
  if (index >= 0)
    throw refused('keyword', { what: 'NOT MATERIALIZED', place: placeOf(text, tokens[index - 1]!.start) });
}

/**
 * What a statement over datasets may cost DuckDB before a row is read, and what a single call may allocate: neither ends by
 * `interrupt()` nor falls under `memory_limit`. `text` is the caller's own, for places. Throws `query.refused`.
 */
export function checkBounds(
  tokens: readonly Token[],
  statement: unknown,
  limits: StatementLimits,
  text: string,
): void {
  checkArrows(tokens, limits, text);
  checkMaterialized(tokens, text);
  checkCounts(statement, limits);
  checkExpansion(statement, limits);
  checkTexts(statement, limits);
}
