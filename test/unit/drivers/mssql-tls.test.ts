import { beforeAll, describe, expect, test } from 'bun:test';
import type { DatasourceSettings } from '../../../src/domain/datasource.ts';
import { makeCertificates, type TestCertificates } from '../../support/tds/certificates.ts';
import { result, TdsServer } from '../../support/tds/server.ts';
import { WIRE } from '../../support/tds/types.ts';
import { all, failureOf, openOn, run } from './mssql-kit.ts';

let certificates: TestCertificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});

const COLUMNS = [
  { name: 'n', type: WIRE.int },
  { name: 's', type: WIRE.nvarchar(100) },
];
const ROWS = Array.from({ length: 3000 }, (_, n) => [n, 'é'.repeat(50)]);

type Mode = 'require' | 'verify' | 'strict';
type Which = 'local' | 'elsewhere';

async function ask(
  which: Which | undefined,
  host: string,
  mode: Mode | 'off',
  given: { ca?: boolean; serverName?: string },
) {
  await using server = await TdsServer.start(which ? { tls: certificates[which] } : {});
  server.on('SELECT n', result(COLUMNS, ROWS));
  const tls: DatasourceSettings['tls'] = {
    mode: mode === 'strict' ? 'verify' : mode,
    ...(given.ca ? { ca: certificates.ca } : {}),
    ...(given.serverName ? { serverName: given.serverName } : {}),
  };
  await using driver = openOn(server, {
    host,
    tls,
    ...(mode === 'strict' ? { options: { encrypt: 'strict' } } : {}),
  });
  return { answer: await all(run(driver, 'SELECT n')), logins: server.logins.length };
}

describe('encrypted connections', () => {
  test.each<[Mode, string, Which, { ca?: boolean; serverName?: string }]>([
    ['require', 'localhost', 'local', {}],
    ['require', '127.0.0.1', 'local', {}],
    ['require', '127.0.0.1', 'elsewhere', {}],
    ['verify', 'localhost', 'local', { ca: true }],
    ['verify', '127.0.0.1', 'local', { ca: true }],
    ['verify', '127.0.0.1', 'local', { ca: true, serverName: 'localhost' }],
    ['verify', '127.0.0.1', 'elsewhere', { ca: true, serverName: 'elsewhere.test' }],
    ['strict', 'localhost', 'local', { ca: true }],
    ['strict', '127.0.0.1', 'local', { ca: true }],
    ['strict', '127.0.0.1', 'elsewhere', { ca: true, serverName: 'elsewhere.test' }],
  ])('%s to %s with the certificate %s and %p', async (mode, host, which, given) => {
    const { answer, logins } = await ask(which, host, mode, given);
    expect(answer.rows).toEqual(ROWS);
    expect(logins).toBe(1);
  });
});

describe('refused as TLS faults', () => {
  const UNTRUSTED = "The server's certificate is not signed by a trusted authority";
  const OTHER_NAME = "The server's certificate is for another name";
  const DISAGREE = 'The server and these settings disagree about encryption';

  test.each<[string, Mode | 'off', string, Which | undefined, { ca?: boolean }, string]>([
    ['an unknown authority', 'verify', 'localhost', 'local', {}, UNTRUSTED],
    ['an unknown authority, strictly', 'strict', 'localhost', 'local', {}, UNTRUSTED],
    ['another name', 'verify', 'localhost', 'elsewhere', { ca: true }, OTHER_NAME],
    ['another name, strictly', 'strict', 'localhost', 'elsewhere', { ca: true }, OTHER_NAME],
    ['another address', 'verify', '127.0.0.1', 'elsewhere', { ca: true }, OTHER_NAME],
    ['another address, strictly', 'strict', '127.0.0.1', 'elsewhere', { ca: true }, OTHER_NAME],
    ['a server that does not encrypt', 'require', 'localhost', undefined, {}, DISAGREE],
    ['a server that insists on it', 'off', 'localhost', 'local', {}, DISAGREE],
  ])('%s', async (_, mode, host, which, given, detail) => {
    expect(await failureOf(ask(which, host, mode, given))).toEqual({ code: 'datasource.tls', detail });
  });

  test('strict encryption without verification', async () => {
    await using driver = openOn({ port: 1433 }, { tls: { mode: 'require' }, options: { encrypt: 'strict' } });
    expect((await failureOf(all(run(driver, 'SELECT n')))).code).toBe('datasource.tls');
  });
});
