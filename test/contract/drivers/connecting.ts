import { expect, test } from 'bun:test';
import { createServer } from 'node:net';
import type { DatasourceSettings } from '../../../src/domain/datasource.ts';
import { freePort } from '../../support/server-process.ts';
import { type Bench, faultOf, never } from './contract-engine.ts';

export function connecting(bench: () => Bench): void {
  const fault = (over: Partial<DatasourceSettings>) => faultOf(bench().open(over).facts(never()));
  const works = async (over: Partial<DatasourceSettings>) =>
    (await bench().open(over).facts(never())).version;

  test('a server says who it is and what it can do', async () => {
    const facts = await bench().open().facts(never());
    expect(facts.version).toMatch(/\d+\.\d+/);
    expect(facts.capabilities).toMatchObject({ readOnlyTransaction: true, statementTimeout: true });
  });

  test('a name that nobody has', async () => {
    expect(await fault({ host: 'no-such-host.invalid' })).toMatchObject({
      code: 'datasource.unreachable',
      params: { reason: 'nameNotFound' },
    });
  });

  test('a port where nothing listens', async () => {
    expect(await fault({ port: await freePort() })).toMatchObject({
      code: 'datasource.unreachable',
      params: { reason: 'refused' },
    });
  });

  test('a server that says nothing', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    expect(await fault({ port, connectTimeoutS: 0.2 })).toMatchObject({
      code: 'datasource.unreachable',
      params: { reason: 'timeout' },
    });
    silent.close();
  });

  test('a wrong password, an unknown user, an unknown database', async () => {
    expect(await fault({ password: 'wrong' })).toMatchObject({ code: 'datasource.login' });
    expect(await fault({ user: 'nobody-here' })).toMatchObject({ code: 'datasource.login' });
    expect(await fault({ database: 'no_such_database' })).toMatchObject({ code: 'datasource.database' });
  });

  test('no secret in what is said', async () => {
    const { message, params } = await fault({ password: 'hunter2-secret' });
    expect(JSON.stringify({ message, params })).not.toContain('hunter2-secret');
  });

  test.each(['127.0.0.1', 'localhost'])('TLS that is verified, to %s', async (host) => {
    expect(await works({ host, tls: { mode: 'verify', ca: bench().server.ca } })).toBeString();
  });

  test('TLS without verification, and none', async () => {
    expect(await works({ tls: { mode: 'require' } })).toBeString();
    expect(await works({ tls: { mode: 'off' } })).toBeString();
  });

  test('TLS with another name or an unknown authority', async () => {
    const { ca } = bench().server;
    const other = await fault({ tls: { mode: 'verify', ca, serverName: 'other.example' } });
    expect(other).toMatchObject({ code: 'datasource.tls' });
    expect(other.message).toContain('another name');
    const unknown = await fault({ tls: { mode: 'verify' } });
    expect(unknown).toMatchObject({ code: 'datasource.tls' });
    expect(unknown.message).toContain('trusted authority');
    expect(await works({ tls: { mode: 'verify', ca, serverName: 'localhost' } })).toBeString();
  });

  test('a failed connection leaves no place taken', async () => {
    const driver = bench().open({ password: 'wrong', pool: { size: 1, maxOverflow: 0 } });
    for (let i = 0; i < 3; i++) await faultOf(driver.facts(never()));
    expect(driver.stats()).toEqual({ inUse: 0, idle: 0, waiting: 0, created: 0, failed: 3 });
  });
}
