import { join } from 'node:path';
import { overload } from './overload.ts';
import { soak } from './soak.ts';
import { sockets } from './sockets.ts';

/*
 * bun test/load/run.ts [soak] [overload] [sockets]
 * The long forms: an hour's work of a busy service in some ten minutes. Results go to results/<name>.json; the exit code is 1 when a
 * bound is broken.
 */

const say = (text: string) => process.stderr.write(`${text}\n`);

const FORMS: Record<string, () => Promise<{ result: object; broken: string[] }>> = {
  async soak() {
    const { before, after, ...rest } = await soak(
      { processes: 4, warmUp: 4000, requests: 200_000, clients: 12 },
      say,
    );
    const counted = (uses: typeof before) => ({
      threads: uses.map(({ threads }) => threads),
      descriptors: uses.map(({ descriptors }) => descriptors.length),
    });
    const broken = [
      ...rest.failures,
      ...rest.filesLeft.map((file) => `a file was left: ${file}`),
      ...rest.rssRatios.filter((ratio) => ratio > 1.05).map((ratio) => `memory grew by the factor ${ratio}`),
      ...(rest.connections.established + rest.connections.closeWait > 0 ? ['connections were left'] : []),
      ...(rest.replaced > 0 ? ['a process died'] : []),
    ];
    return { result: { ...rest, before: counted(before), after: counted(after) }, broken };
  },
  async overload() {
    const result = await overload({ rows: 300_000, answered: 60, samples: 1000 });
    const broken = [
      ...result.failures,
      ...(result.health.busyP99Ms > 50 ? [`health took ${result.health.busyP99Ms} ms (p99)`] : []),
      ...(result.recoveryMs > 10_000 ? [`recovering took ${result.recoveryMs} ms`] : []),
    ];
    return { result, broken };
  },
  async sockets() {
    const result = await sockets(10_000, say);
    const { wanted, sockets: held, heartbeats, told, closedEarly, health } = result;
    const broken = [
      ...health.failures,
      ...(held < wanted ? [`only ${held} sockets were held`] : []),
      ...(heartbeats < held || told < held ? ['some heard no heartbeat or no change'] : []),
      ...(closedEarly > 0 ? [`${closedEarly} were closed`] : []),
      ...(health.p99Ms > 50 ? [`health took ${health.p99Ms} ms (p99)`] : []),
    ];
    return { result, broken };
  },
};

const chosen = process.argv.slice(2);
let isBroken = false;
for (const [name, form] of Object.entries(FORMS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  say(`== ${name}`);
  const { result, broken } = await form();
  const text = `${JSON.stringify({ ...result, broken }, null, 2)}\n`;
  await Bun.write(join(import.meta.dir, 'results', `${name}.json`), text);
  process.stdout.write(text);
  isBroken ||= broken.length > 0;
}
process.exit(isBroken ? 1 : 0);
