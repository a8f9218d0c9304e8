import { expect, test } from 'bun:test';
import { startSelfCheck } from '../../../src/compose/self-check.ts';
import { serviceManager } from '../../../src/host/notify.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { NotifySocket } from '../../support/notify-socket.ts';
import { until } from '../../support/service-kit.ts';

const TIMES = { lookMs: 5, patienceMs: 100 };

test('a part that does not answer makes the process unwell, until it does', async () => {
  let answer: () => void = () => undefined;
  const hangs = () => new Promise<void>((resolve) => (answer = resolve));
  const check = startSelfCheck({ parts: { good: async () => 1, hangs }, log: silentLog, ...TIMES });
  expect(check.isWell()).toBe(true);
  await until(() => !check.isWell());
  answer();
  await until(() => check.isWell());
  check.stop();
});

test('an error is an answer, and a part is not asked again before it has answered', async () => {
  let asked = 0;
  const fails = async () => {
    asked++;
    throw new Error('no');
  };
  const slow = () => {
    asked += 1000;
    return new Promise<void>(() => undefined);
  };
  const check = startSelfCheck({ parts: { fails, slow }, log: silentLog, ...TIMES, patienceMs: 60_000 });
  await until(() => asked > 1010);
  expect(check.isWell()).toBe(true);
  check.stop();
  expect(asked).toBeLessThan(2000);
});

test('the watchdog hears nothing from a process that is not well', async () => {
  using socket = new NotifySocket();
  const unexpected = (error: unknown) => {
    throw error;
  };
  const env = { NOTIFY_SOCKET: socket.name, WATCHDOG_USEC: '20000' };
  const manager = serviceManager(env, unexpected);
  await socket.until(/^WATCHDOG=1$/);
  let asked = 0;
  manager.guard(() => {
    asked++;
    return false;
  });
  const heard = socket.messages.length;
  await until(() => asked >= 5);
  expect(socket.messages.length).toBe(heard);
  manager.guard(() => true);
  await until(() => socket.messages.length > heard);
  manager.close();
});
