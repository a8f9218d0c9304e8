import { expect, test } from 'bun:test';
import { Pulse } from '../../../src/jobs/pulse.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { until } from '../../support/service-kit.ts';

test('work that fails again and again is logged once, and once when it succeeds again; it goes on all the time', async () => {
  const lines: { event: string; pulse: string; failures: number }[] = [];
  const log = createLog('info', (line) => lines.push(JSON.parse(line)));
  let [turns, isAway] = [0, true];
  const pulse = new Pulse(
    'lease',
    1,
    async () => {
      turns++;
      if (isAway) throw new Error('the metadata is away');
    },
    log,
  );
  pulse.start();
  await until(() => turns >= 50);
  expect(lines).toMatchObject([{ event: 'jobs.pulseFailed', pulse: 'lease', failures: 1 }]);
  isAway = false;
  await until(() => lines.length > 1);
  expect(lines[1]).toMatchObject({ event: 'jobs.pulseRecovered', pulse: 'lease' });
  expect(lines[1]!.failures).toBeGreaterThanOrEqual(49);
  isAway = true;
  await until(() => lines.length > 2);
  await pulse.stop();
  expect(lines[2]).toMatchObject({ event: 'jobs.pulseFailed', failures: 1 });
});
