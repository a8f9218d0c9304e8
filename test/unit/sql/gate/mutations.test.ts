import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { AppError } from '../../../../src/base/errors.ts';
import type { Engine } from '../../../../src/sql/dialect.ts';
import { checkSelect } from '../../../../src/sql/gate/check-select.ts';
import { lex } from '../../../../src/sql/gate/lex.ts';
import { LEXICAL_RULES } from '../../../../src/sql/gate/lexical-rules.ts';
import type { Token } from '../../../../src/sql/gate/token.ts';
import { ENGINES, hostileOf, optionsOf, ordinaryOf } from '../../../support/hostile/corpus.ts';

function isRefused(text: string, engine: Engine): boolean {
  try {
    checkSelect(text, engine, optionsOf(engine));
    return false;
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('query.')) return true;
    throw error;
  }
}

/** Statements that are refused for what they name: writing them otherwise must not help. */
const NAMED = new Set(['function', 'table', 'into', 'lock', 'keyword', 'writes', 'statements', 'notSelect']);

function tokensOf(text: string, engine: Engine): Token[] | null {
  try {
    return lex(text, engine, 10_000);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

const GAPS = [' ', '  ', '\t', '\n', '\r\n', ' /* x */ ', '/**/', ' -- x\n', "/* ' */", '/* ; */', '\f'];

interface Change {
  upper: boolean;
  quote: boolean;
  gap: number;
}

function mutate(tokens: readonly Token[], changes: readonly Change[], engine: Engine): string {
  const { quoteName } = LEXICAL_RULES[engine];
  return tokens
    .map((token, index) => {
      const { upper, quote, gap } = changes[index % changes.length]!;
      const next = tokens[index + 1];
      const isCall = next?.value === '(' || next?.value === '.' || tokens[index - 1]?.value === '.';
      const word = upper ? token.text.toUpperCase() : token.text.toLowerCase();
      const canQuote = token.kind === 'word' && quote && isCall;
      const text = canQuote ? quoteName(token.text) : token.kind === 'word' ? word : token.text;
      return text + GAPS[gap % GAPS.length]!;
    })
    .join('');
}

const CLAUSE =
  /^(?:select|from|where|in|as|values|over|filter|exists|by|and|or|not|on|lateral|join|with|limit|using|any|all|array|interval|case|when|then|else|union|having|offset|top|replace|option|distinct|unnest|rollup|cube|sets|map|columns)$/;

describe.each(ENGINES)('%s', (engine) => {
  const corpus = hostileOf(engine)
    .filter(({ reason }) => NAMED.has(reason))
    .flatMap(({ text }) => {
      const tokens = tokensOf(text, engine);
      return tokens && tokens.length > 0 ? [tokens] : [];
    });

  test('statements that are refused for what they name stay so in another case, spacing, comment or quoting', () => {
    const change = fc.record({ upper: fc.boolean(), quote: fc.boolean(), gap: fc.nat(GAPS.length - 1) });
    fc.assert(
      fc.property(
        fc.constantFrom(...corpus),
        fc.array(change, { minLength: 1, maxLength: 12 }),
        (tokens, changes) => {
          const isClause = (token: Token) => token.kind !== 'word' || !CLAUSE.test(token.value);
          const safe = tokens.map((token) =>
            isClause(token) ? token : { ...token, kind: 'operator' as const },
          );
          const text = mutate(safe, changes, engine);
          if (!isRefused(text, engine)) throw new Error(text);
        },
      ),
      { numRuns: 1_500, seed: 20250101 },
    );
  });

  test('ordinary statements are accepted in any spacing and with any comments', () => {
    const ordinary = ordinaryOf(engine).map((text) => lex(text, engine, 10_000));
    fc.assert(
      fc.property(
        fc.constantFrom(...ordinary),
        fc.array(fc.nat(GAPS.length - 1), { minLength: 1 }),
        (tokens, gaps) => {
          const spaced = tokens.map(({ text }, index) => text + GAPS[gaps[index % gaps.length]!]!).join('');
          const again = checkSelect(spaced, engine, optionsOf(engine)).tokens.map(({ text }) => text);
          expect(again).toEqual(tokens.map(({ text }) => text).filter((text) => text !== ';'));
        },
      ),
      { numRuns: 1_000, seed: 20250103 },
    );
  });

  test('any text is refused or checked, and what is checked is checked again to the same text', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'select',
        '1',
        "'",
        '"',
        '`',
        '[',
        ']',
        '$$',
        '$a$',
        '/*',
        '*/',
        '--',
        '\n',
        '#',
        ';',
        '(',
        ')',
        '\\',
        ':a',
        '::',
        '?',
      ),
      fc.constantFrom(
        ' ',
        'from',
        'orders',
        ',',
        '.',
        '+',
        '@',
        'E',
        'N',
        'x',
        "''",
        '0x',
        '1.',
        '.5',
        '{',
        '}',
        ' into ',
        'sleep',
      ),
      fc.string({ maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = `select ${pieces.join('')}`;
        if (isRefused(text, engine)) return;
        const once = checkSelect(text, engine, optionsOf(engine));
        expect(checkSelect(once.text, engine, optionsOf(engine)).text).toBe(once.text);
      }),
      { numRuns: 3_000, seed: 20250102 },
    );
  });
});
