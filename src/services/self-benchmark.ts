import type { Caller } from '../domain/audit.ts';
import type { PivotSpec } from '../domain/pivot-spec.ts';
import type { Principal } from '../domain/principal.ts';
import type { QuerySpec } from '../domain/query-spec.ts';
import type { Datasets } from './datasets.ts';
import type { QueryAnswer, QueryService } from './query.ts';

const DATASET = 'orders';
const from = { dataset: DATASET };

const QUERY: QuerySpec = {
  from,
  dimensions: ['region', 'channel'],
  measures: [
    { agg: 'sum', field: 'amount', as: 'revenue' },
    { agg: 'count', as: 'orders' },
  ],
};
const PIVOT: PivotSpec = {
  from,
  rows: ['region', 'product'],
  columns: [{ field: 'ordered_at', grain: 'month', as: 'month' }],
  measures: [{ agg: 'sum', field: 'amount', as: 'revenue' }],
  totals: { rows: 'all', columns: 'all' },
};
const DISTINCT: PivotSpec = {
  from,
  rows: ['region'],
  columns: ['channel'],
  measures: [{ agg: 'countDistinct', field: 'customer_id', as: 'customers' }],
  totals: { rows: 'all', columns: 'all' },
};

/** The same work for the bare engine; `%` stands for the table. */
const BARE: Readonly<Record<'query' | 'pivot' | 'distinct', string>> = {
  query: 'SELECT region, channel, sum(amount), count(*) FROM % GROUP BY ALL',
  pivot: `SELECT region, product, date_trunc('month', ordered_at) AS month, sum(amount) FROM % GROUP BY GROUPING SETS
    ((region, product, month), (region, month), (month), (region, product), (region), ())`,
  distinct: `SELECT region, channel, count(DISTINCT customer_id) FROM % GROUP BY CUBE (region, channel)`,
};

export interface BenchmarkDeps {
  datasets: Datasets;
  queries: QueryService;
  principal: Principal;
  /** Reads all rows of a statement with the bare engine; `%` stands for the table of these files. */
  bare(statement: string, files: readonly string[]): Promise<unknown>;
}

export interface Measured {
  name: string;
  rounds: number;
  /** Milliseconds, medians. */
  ms: number;
  bareMs?: number;
  /** How many times the bare engine's time. */
  ratio?: number;
}

const MOST_ROUNDS = 50;

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const rounded = (value: number) => Math.round(value * 100) / 100;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Measures this installation on generated orders, each kind of work for so many seconds beside the bare engine, in turn. */
export async function benchmark(
  { datasets, queries, principal, bare }: BenchmarkDeps,
  { rows, seconds }: { rows: number; seconds: number },
  caller: Caller,
): Promise<Measured[]> {
  await datasets.ensureDemo(caller, rows);
  const { files } = await datasets.resolve(DATASET);
  const signal = new AbortController().signal;
  const request = (fresh: boolean) => ({ principal, requestId: crypto.randomUUID(), signal, fresh });
  const whole = async (asked: Promise<QueryAnswer>) => {
    const { answer } = await asked;
    for await (const _ of answer.chunks());
    await answer.done;
  };
  const ours: Readonly<Record<keyof typeof BARE, (fresh: boolean) => Promise<void>>> = {
    query: (fresh) => whole(queries.spec(QUERY, 'json', request(fresh))),
    pivot: (fresh) => whole(queries.pivot(PIVOT, 'json', request(fresh))),
    distinct: (fresh) => whole(queries.pivot(DISTINCT, 'json', request(fresh))),
  };

  async function measure(name: string, work: () => Promise<unknown>, beside?: () => Promise<unknown>) {
    const times: number[] = [];
    const besides: number[] = [];
    await work();
    await beside?.();
    const until = performance.now() + seconds * 1000;
    do {
      times.push(await timed(work));
      if (beside) besides.push(await timed(beside));
    } while (performance.now() < until && times.length < MOST_ROUNDS);
    const measured: Measured = { name, rounds: times.length, ms: rounded(median(times)) };
    if (!beside) return measured;
    const bareMs = rounded(median(besides));
    return { ...measured, bareMs, ratio: rounded(measured.ms / bareMs) };
  }

  const results: Measured[] = [];
  for (const name of Object.keys(BARE) as (keyof typeof BARE)[])
    results.push(
      await measure(
        name,
        () => ours[name](true),
        () => bare(BARE[name], files),
      ),
    );
  results.push(await measure('pivot, cached', () => ours.pivot(false)));
  return results;
}
