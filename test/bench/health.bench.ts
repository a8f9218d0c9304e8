import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeOrders } from './orders.ts';
import { PIVOTS } from './pivots.ts';
import { startService, uploadParquet } from './service-process.ts';
import { quantile, rounded, timed } from './statistics.ts';

export interface HealthResult {
  heavyPivots: number;
  samples: number;
  idleP99Ms: number;
  busyP50Ms: number;
  busyP99Ms: number;
}

const HEAVY = 8;
const PAUSE_MS = 5;

async function sample(url: string, until: () => boolean, times: number[]): Promise<void> {
  while (!until()) {
    times.push(await timed(async () => (await fetch(url)).text()));
    await Bun.sleep(PAUSE_MS);
  }
}

/** How fast health answers while eight heavy pivots run at once. */
export async function benchHealth(
  command: string[] | undefined,
  rows: number,
  idleSamples: number,
): Promise<HealthResult> {
  const file = join(tmpdir(), `reporting-bench-${process.pid}.parquet`);
  await writeOrders(file, rows);
  await using service = await startService(command);
  await uploadParquet(service, 'orders', file);
  await rm(file);
  const url = `${service.url}/api/healthz`;
  const idle: number[] = [];
  await sample(url, () => idle.length >= idleSamples, idle);
  const busy: number[] = [];
  let running = HEAVY;
  const pivots = Array.from({ length: HEAVY }, async (_, i) => {
    const spec = {
      ...PIVOTS[i % 2 === 0 ? 'large' : 'distinct'],
      where: { field: 'quantity', op: 'ne', value: 100 + i },
    };
    const answer = await fetch(`${service.url}/api/query/pivot`, {
      method: 'POST',
      headers: service.headers,
      body: JSON.stringify(spec),
    });
    if (!answer.ok) throw new Error(await answer.text());
    await answer.arrayBuffer();
    running--;
  });
  await sample(url, () => running === 0, busy);
  await Promise.all(pivots);
  return {
    heavyPivots: HEAVY,
    samples: busy.length,
    idleP99Ms: rounded(quantile(idle, 0.99)),
    busyP50Ms: rounded(quantile(busy, 0.5)),
    busyP99Ms: rounded(quantile(busy, 0.99)),
  };
}
