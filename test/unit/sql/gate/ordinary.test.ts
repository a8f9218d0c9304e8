import { describe, expect, test } from 'bun:test';
import { checkSelect } from '../../../../src/sql/gate/check-select.ts';
import { lex } from '../../../../src/sql/gate/lex.ts';
import { isMark } from '../../../../src/sql/gate/token.ts';
import { ENGINES, optionsOf, ordinaryOf } from '../../../support/hostile/corpus.ts';

describe.each(ENGINES)('%s', (engine) => {
  const corpus = ordinaryOf(engine);

  test('has at least 130 ordinary statements', () => {
    expect(new Set(corpus).size).toBeGreaterThanOrEqual(130);
  });

  test('every ordinary statement passes, and is run word for word', () => {
    for (const text of corpus) {
      const checked = checkSelect(text, engine, optionsOf(engine));
      const written = lex(text, engine, 10_000).filter((token) => !isMark(token, ';'));
      expect(checked.tokens.map(({ kind, value }) => ({ kind, value }))).toEqual(
        written.map(({ kind, value }) => ({ kind, value })),
      );
      expect(lex(checked.text, engine, 10_000).map(({ text }) => text)).toEqual(
        written.map(({ text }) => text),
      );
    }
  });
});
