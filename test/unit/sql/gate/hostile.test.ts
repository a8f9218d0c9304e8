import { describe, expect, test } from 'bun:test';
import { AppError } from '../../../../src/base/errors.ts';
import type { Engine } from '../../../../src/sql/dialect.ts';
import { checkSelect } from '../../../../src/sql/gate/check-select.ts';
import { ENGINES, hostileOf, optionsOf } from '../../../support/hostile/corpus.ts';

function outcome(text: string, engine: Engine): string {
  try {
    checkSelect(text, engine, optionsOf(engine));
    return 'accepted';
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.code === 'query.syntax' ? 'parse' : String(error.params?.reason);
  }
}

/** Longest run of the statement that a message may repeat: a name. */
const isQuiet = (message: string, text: string) => text.length < 12 || !message.includes(text);

describe.each(ENGINES)('%s', (engine) => {
  const corpus = hostileOf(engine);

  test('has at least 150 hostile statements, each once', () => {
    expect(new Set(corpus.map(({ text }) => text)).size).toBeGreaterThanOrEqual(300);
  });

  test('every hostile statement is refused, for the reason that the corpus gives', () => {
    const wrong = corpus.filter(({ reason, text }) => outcome(text, engine) !== reason);
    expect(wrong.map(({ reason, text }) => ({ text, reason, got: outcome(text, engine) }))).toEqual([]);
  });

  test('refusals have a code of queries, a pointer, and no SQL in their text', () => {
    for (const { text } of corpus) {
      let error: unknown;
      try {
        checkSelect(text, engine, optionsOf(engine));
      } catch (thrown) {
        error = thrown;
      }
      const { code, pointer, message } = error as AppError;
      expect(code).toMatch(/^query\.(?:refused|syntax)$/);
      expect(pointer).toBe('/sql');
      expect(isQuiet(message, text)).toBe(true);
    }
  });
});
