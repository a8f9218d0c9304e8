/** Milliseconds of each answer of the service's health, and of a bare server's to the same client at the same time. */
export interface HealthReport {
  times: number[];
  bareTimes: number[];
  failures: string[];
}

const PAUSE_MS = 10;

async function ask(url: string, times: number[]): Promise<number> {
  const started = performance.now();
  const answer = await fetch(url);
  await answer.text();
  times.push(performance.now() - started);
  return answer.status;
}

/** Asks again and again from a process of its own until it is told to end, and says each time how often it has. */
async function main(url: string, bareUrl: string): Promise<void> {
  const send = (message: unknown) => process.send?.(message);
  const report: HealthReport = { times: [], bareTimes: [], failures: [] };
  let isRunning = true;
  process.on('message', () => {
    isRunning = false;
  });
  send(0);
  while (isRunning) {
    const status = await ask(url, report.times);
    if (status !== 200) report.failures.push(`health was answered ${status}`);
    await ask(bareUrl, report.bareTimes);
    send(report.bareTimes.length);
    await Bun.sleep(PAUSE_MS);
  }
  send(report);
  process.disconnect?.();
  process.exit(0);
}

if (import.meta.main) await main(process.env.HEALTH_URL!, process.env.BARE_URL!);
