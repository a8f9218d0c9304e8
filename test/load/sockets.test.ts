import { expect, test } from 'bun:test';
import { sockets } from './sockets.ts';

/** What the settings promise for each, and what the collector has not taken yet. */
const MOST_BYTES = 40_000;
const HEALTH_P99_MS = 50;
const TIMES_BARE = 4;

test('ten thousand idle WebSockets are held, hear their heartbeat and a change, and leave nothing behind', async () => {
  const result = await sockets(10_000, (text) => process.stderr.write(`${text}\n`));
  expect(result).toMatchObject({
    refused: { 503: 3 },
    limitsHit: 3,
    closedEarly: 0,
    heartbeats: result.sockets,
    told: result.sockets,
  });
  expect(result.sockets).toBeGreaterThanOrEqual(500);
  expect(result.bytesPerSocket).toBeLessThan(MOST_BYTES);
  expect(result.descriptors.after).toBeLessThanOrEqual(result.descriptors.before);
  expect(result.health.failures).toEqual([]);
  expect(result.health.p99Ms).toBeLessThan(Math.max(HEALTH_P99_MS, TIMES_BARE * result.health.bareP99Ms));
});
