import { expect, test } from 'bun:test';
import type { Answer, Link } from '../../../src/cluster/link.ts';
import { joinPeers } from '../../../src/compose/peers.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';

test('what a process cannot answer to another is logged, and nothing more', async () => {
  let answer: Answer | undefined;
  const link = {
    answerWith: (given: Answer) => {
      answer = given;
    },
  } as unknown as Link;
  const engine = { running: () => ['q1'] } as unknown as Engine;
  const logged: string[] = [];
  const log = createLog('info', (line) => logged.push(line));
  const place = { link } as Parameters<typeof joinPeers>[0];
  joinPeers(place, engine, createMetrics(), log, async () => {
    throw new Error('the disk is away');
  });
  expect(await answer?.('stats', null)).toBeNull();
  expect(JSON.parse(logged.join(''))).toMatchObject({
    level: 'warning',
    event: 'process.notAnswered',
    question: 'stats',
    cause: expect.stringContaining('the disk is away'),
  });
  expect(await answer?.('running', null)).toEqual(['q1']);
});
