import { startService } from './service-process.ts';
import { median, rounded } from './statistics.ts';

export interface StartResult {
  startMs: number;
  idleRssMiB: number;
}

/** From the start of the process to its first health answer, and its memory before the first query. */
export async function benchStart(command: string[] | undefined, rounds: number): Promise<StartResult> {
  const starts: number[] = [];
  const memory: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    await using service = await startService(command);
    if (round === 0) continue;
    starts.push(service.startMs);
    memory.push((await service.rssBytes()) / 2 ** 20);
  }
  return { startMs: rounded(median(starts), 0), idleRssMiB: rounded(median(memory), 0) };
}
