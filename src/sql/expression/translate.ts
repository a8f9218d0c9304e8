import type { Sql } from '../ast.ts';
import type { Context } from './value.ts';

/** Stands for a character that waits for its place; Unicode keeps it for programs' own use and out of texts. */
const WAITING = '\ufdd0';

interface Step {
  from: string;
  to: string;
}

/** The first place of a character counts; one without a partner is left out. */
function pairsOf(from: string, to: string): Map<string, string> {
  const partners = [...to];
  const pairs = new Map<string, string>();
  for (const [index, char] of [...from].entries())
    if (!pairs.has(char)) pairs.set(char, partners[index] ?? '');
  for (const [char, partner] of pairs) if (char === partner) pairs.delete(char);
  return pairs;
}

/**
 * `translate` as replacements one after another: no step touches what one before it wrote. A character goes once no other that is still to go
 * becomes it; where all wait for each other, as in 'ab' to 'ba', one waits aside.
 */
export function translateSteps(from: string, to: string): Step[] {
  const left = pairsOf(from, to);
  const steps: Step[] = [];
  const last: Step[] = [];
  while (left.size > 0) {
    const ready = [...left].find(([, partner]) => !left.has(partner));
    if (ready) {
      steps.push({ from: ready[0], to: ready[1] });
      left.delete(ready[0]);
      continue;
    }
    const [[char, partner]] = [...left] as [[string, string]];
    const aside = `${WAITING}${last.length}${WAITING}`;
    steps.push({ from: char, to: aside });
    last.push({ from: aside, to: partner });
    left.delete(char);
  }
  return [...steps, ...last];
}

/** Every engine replaces alike, so that no engine's own TRANSLATE is asked. */
export function translated(text: Sql, from: string, to: string, { scope, spell }: Context): Sql {
  const written = (value: string) => spell.texts.text(scope.dialect.given.text(value));
  return translateSteps(from, to).reduce(
    (value, step) => spell.texts.replace(value, written(step.from), written(step.to)),
    text,
  );
}
