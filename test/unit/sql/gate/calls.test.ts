import { expect, test } from 'bun:test';
import { AppError } from '../../../../src/base/errors.ts';
import { checkSelect } from '../../../../src/sql/gate/check-select.ts';
import { BoundedChild, type Outcome } from '../../../support/hostile/bounded-child.ts';
import { hostileCalls } from '../../../support/hostile/calls.ts';
import '../../../support/hostile/corpus.ts';

/** Combinations of arguments of each form of a function; GATE_CALLS chooses more. */
const MOST = Number(Bun.env.GATE_CALLS ?? 2);

function accepted(text: string): string | null {
  try {
    return checkSelect(text, 'duckdb', { allowedTables: ({ name }) => name === 'orders' }).text;
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('query.')) return null;
    throw error;
  }
}

test('no allowed function crashes DuckDB, hangs or takes its memory on hostile arguments', async () => {
  const calls = await hostileCalls(MOST);
  const texts = calls
    .map((call) => accepted(`select ${call} as v from orders`))
    .filter((text) => text !== null);
  expect(texts.length).toBeGreaterThan(500);
  await using child = new BoundedChild({ interruptMs: 1000, killMs: 5000, residentBytes: 1.5 * 2 ** 30 });
  const harmful: { text: string; outcome: Outcome }[] = [];
  let answered = 0;
  for (const text of texts) {
    const outcome = await child.run(text);
    if (outcome.kind === 'ok') answered += 1;
    const isInternal = outcome.kind === 'error' && /INTERNAL|FATAL/.test(outcome.said);
    if ((outcome.kind !== 'ok' && outcome.kind !== 'error') || isInternal) harmful.push({ text, outcome });
  }
  expect(harmful).toEqual([]);
  expect(answered).toBeGreaterThan(texts.length / 3);
}, 600_000);
