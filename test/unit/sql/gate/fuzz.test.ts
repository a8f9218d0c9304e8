import { expect, test } from 'bun:test';
import { AppError } from '../../../../src/base/errors.ts';
import { checkSelect } from '../../../../src/sql/gate/check-select.ts';
import { BoundedChild, type Outcome } from '../../../support/hostile/bounded-child.ts';
import '../../../support/hostile/corpus.ts';
import { Statements } from '../../../support/hostile/statements.ts';

/** GATE_FUZZ_STATEMENTS and GATE_FUZZ_SEED choose another run; the long one has 10,000. */
const COUNT = Number(Bun.env.GATE_FUZZ_STATEMENTS ?? 300);
const SEED = Number(Bun.env.GATE_FUZZ_SEED ?? 20_250_601);
const BOUNDS = { interruptMs: 500, killMs: 5000, residentBytes: 1.5 * 2 ** 30 };

function accepted(text: string): string | null {
  try {
    return checkSelect(text, 'duckdb', { allowedTables: ({ name }) => name === 'orders' }).text;
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('query.')) return null;
    throw new Error(text, { cause: error });
  }
}

test(`of ${COUNT} random statements, what the gate lets through crashes no process of DuckDB`, async () => {
  const statements = new Statements(SEED);
  const texts = Array.from({ length: COUNT }, () => accepted(statements.next())).filter(
    (text) => text !== null,
  );
  expect(texts.length).toBeGreaterThan(COUNT / 4);
  await using child = new BoundedChild(BOUNDS);
  const seen: Record<Outcome['kind'], number> = { ok: 0, error: 0, deadline: 0, memory: 0, crash: 0 };
  const harmful: { text: string; outcome: Outcome }[] = [];
  for (const text of texts) {
    const outcome = await child.run(text);
    seen[outcome.kind] += 1;
    if (Bun.env.GATE_FUZZ_SHOW && outcome.kind !== 'ok')
      console.info(outcome.kind, 'said' in outcome ? outcome.said.slice(0, 90) : '', text.slice(0, 300));
    if (outcome.kind === 'crash' || outcome.kind === 'memory' || outcome.kind === 'deadline')
      harmful.push({ text, outcome });
  }
  if (Bun.env.GATE_FUZZ_SHOW) console.info(seen);
  expect(harmful).toEqual([]);
  expect(seen.ok).toBeGreaterThan(COUNT / 20);
}, 3_600_000);
