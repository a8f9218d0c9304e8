import { expect, test } from 'bun:test';
import { NotifySocket } from '../support/notify-socket.ts';
import { until } from '../support/service-kit.ts';
import { Cluster, isAlive } from './cluster.ts';

test.each(['1', '2'])('systemd hears of start, watchdog and stop (%s processes)', async (WEB_CONCURRENCY) => {
  using socket = new NotifySocket();
  await using cluster = await Cluster.start({
    WEB_CONCURRENCY,
    NOTIFY_SOCKET: socket.name,
    WATCHDOG_USEC: '200000',
  });
  await socket.until(/^READY=1\nSTATUS=.*http:\/\/127\.0\.0\.1:\d+$/);
  await socket.until(/^WATCHDOG=1$/);
  expect(await cluster.end()).toBe(0);
  await socket.until(/^STOPPING=1\n/);
});

test('systemd hears of a reload, and which process is the main one after an upgrade', async () => {
  using socket = new NotifySocket('abstract');
  await using cluster = await Cluster.start({ NOTIFY_SOCKET: socket.name, GRACEFUL_TIMEOUT: '2' });
  await socket.until(/^READY=1/);
  cluster.child.kill('SIGHUP');
  await socket.until(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
  await cluster.until('supervisor.reloaded');
  await socket.until(/^READY=1\nSTATUS=2 of 2 processes/);
  cluster.child.kill('SIGUSR2');
  const { child } = await cluster.until('supervisor.succeeded');
  // systemd hears only the main process: what the successor said before is lost, so the predecessor says it for it.
  await socket.until(new RegExp(`^MAINPID=${child}\nREADY=1\nSTATUS=2 processes serve `));
  await cluster.child.exited;
  process.kill(Number(child), 'SIGTERM');
  await until(() => !isAlive(Number(child)));
});

test('a log line begins with its priority where that is asked for', async () => {
  await using cluster = await Cluster.start({ WEB_CONCURRENCY: '1', LOG_PRIORITY: 'on' });
  expect(cluster.of('service.started')).toEqual([]);
  expect(cluster.of('words').map(({ line }) => line)).toContainEqual(
    expect.stringMatching(/^<6>\{.*"event":"service\.started"/),
  );
});
