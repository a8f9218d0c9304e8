/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

/** Runs the contenders in turn, so that a noisy moment hits all alike; gives each one's times. */
export async function inTurn(
  rounds: number,
  contenders: Record<string, () => Promise<unknown>>,
): Promise<Record<string, number[]>> {
  const times: Record<string, number[]> = Object.fromEntries(
    Object.keys(contenders).map((name) => [name, []]),
  );
  for (const work of Object.values(contenders)) await work();
  for (let round = 0; round < rounds; round++)
    for (const [name, work] of Object.entries(contenders)) times[name]!.push(await timed(work));
  return times;
}

export const rounded = (value: number, digits = 2) => Number(value.toFixed(digits));
