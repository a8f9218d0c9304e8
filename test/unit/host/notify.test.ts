import { expect, test } from 'bun:test';
import { NO_SERVICE_MANAGER, serviceManager } from '../../../src/host/notify.ts';
import { NotifySocket } from '../../support/notify-socket.ts';
import { until } from '../../support/service-kit.ts';

const unexpected = (error: unknown) => {
  throw error;
};

const WATCHDOG_USEC = '20000';

/** Resolves when a watchdog that begins now has been heard of three times: an earlier one of the same period would have been, too. */
async function watchdogHeard(): Promise<void> {
  using socket = new NotifySocket();
  const witness = serviceManager({ NOTIFY_SOCKET: socket.name, WATCHDOG_USEC }, unexpected);
  await until(
    () => socket.has(/WATCHDOG/) && socket.messages.filter((message) => message === 'WATCHDOG=1').length >= 3,
  );
  witness.close();
}

test.each(['path', 'abstract'] as const)('each state is one datagram (%s)', (kind) => {
  using socket = new NotifySocket(kind);
  const manager = serviceManager({ NOTIFY_SOCKET: socket.name }, unexpected);
  manager.ready('Serves\nhttp://127.0.0.1:8000');
  manager.status('1 of 2');
  manager.reloading();
  manager.stopping('Bye');
  manager.close();
  expect(socket.has(/STOPPING/)).toBe(true);
  expect(socket.messages[0]).toBe('READY=1\nSTATUS=Serves http://127.0.0.1:8000');
  expect(socket.messages[1]).toBe('STATUS=1 of 2');
  expect(socket.messages[2]).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
  expect(socket.messages.slice(3)).toEqual(['STOPPING=1\nSTATUS=Bye']);
});

test('whoever handed over says nothing more', async () => {
  using socket = new NotifySocket();
  const manager = serviceManager({ NOTIFY_SOCKET: socket.name, WATCHDOG_USEC }, unexpected);
  manager.handOver(4711, '2 processes serve');
  const before = 'MAINPID=4711\nREADY=1\nSTATUS=2 processes serve';
  expect(socket.has(/^MAINPID/)).toBe(true);
  manager.status('1 of 2');
  manager.stopping('Bye');
  await watchdogHeard();
  expect(socket.has(/^STATUS|STOPPING|WATCHDOG/)).toBe(false);
  expect(socket.messages).toEqual([before]);
  manager.close();
});

test('the watchdog hears from the process that it watches, and from no other', async () => {
  using socket = new NotifySocket();
  const other = serviceManager({ NOTIFY_SOCKET: socket.name, WATCHDOG_USEC, WATCHDOG_PID: '1' }, unexpected);
  const own = { NOTIFY_SOCKET: socket.name, WATCHDOG_USEC, WATCHDOG_PID: String(process.pid) };
  await watchdogHeard();
  expect(socket.has(/WATCHDOG/)).toBe(false);
  const watched = serviceManager(own, unexpected);
  await socket.until(/^WATCHDOG=1$/);
  watched.close();
  other.close();
});

test('without a socket nothing is said; one that is gone is a fault and no crash', () => {
  expect(serviceManager({}, unexpected)).toBe(NO_SERVICE_MANAGER);
  expect(serviceManager({ NOTIFY_SOCKET: 'relative' }, unexpected)).toBe(NO_SERVICE_MANAGER);
  const faults: unknown[] = [];
  const manager = serviceManager({ NOTIFY_SOCKET: '/nowhere/notify' }, (error) => faults.push(error));
  manager.status('hello');
  manager.close();
  expect(faults).toMatchObject([{ code: 'ENOENT' }]);
});
