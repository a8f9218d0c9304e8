import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeOrders } from './orders.ts';
import { PIVOTS } from './pivots.ts';
import { answersPerSecond } from './raw-client.ts';
import { startService, uploadParquet } from './service-process.ts';
import { median, rounded } from './statistics.ts';

export interface CachedResult {
  answerBytes: number;
  barePerSecond: number;
  cachedPerSecond: number;
  ratio: number;
}

const CONNECTIONS = 16;

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  for await (const bytes of stream) return new TextDecoder().decode(bytes).trim();
  throw new Error('the bare server said nothing');
}

/** Cached answers a second against a bare server that gives the same bytes. */
export async function benchCached(
  command: string[] | undefined,
  seconds: number,
  rounds: number,
): Promise<CachedResult> {
  const file = join(tmpdir(), `reporting-bench-${process.pid}.parquet`);
  const answerFile = `${file}.json`;
  await writeOrders(file, 100_000);
  await using service = await startService(command);
  await uploadParquet(service, 'orders', file);
  const init = { method: 'POST', headers: service.headers, body: JSON.stringify(PIVOTS.small) };
  const url = `${service.url}/api/query/pivot`;
  const answer = await fetch(url, init);
  const answerBytes = await Bun.write(answerFile, await answer.text());
  const bare = Bun.spawn([process.execPath, join(import.meta.dir, 'bare-server.ts'), answerFile], {
    stdout: 'pipe',
  });
  try {
    const bareUrl = `http://127.0.0.1:${await firstLine(bare.stdout)}/api/query/pivot`;
    const rates = { bare: [] as number[], cached: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      rates.bare.push(await answersPerSecond(bareUrl, init, CONNECTIONS, seconds));
      rates.cached.push(await answersPerSecond(url, init, CONNECTIONS, seconds));
    }
    const [barePerSecond, cachedPerSecond] = [median(rates.bare), median(rates.cached)];
    return {
      answerBytes,
      barePerSecond: Math.round(barePerSecond),
      cachedPerSecond: Math.round(cachedPerSecond),
      ratio: rounded(cachedPerSecond / barePerSecond),
    };
  } finally {
    bare.kill();
    await bare.exited;
    await rm(file);
    await rm(answerFile);
  }
}
