import { describe, expect, test } from 'bun:test';
import type { AppError } from '../../../src/base/errors.ts';
import type { SourceEngine } from '../../../src/domain/datasource.ts';
import { type DsnSettings, parseDsn } from '../../../src/domain/dsn.ts';
import { ENGINE_TABLE } from '../../../src/drivers/engine-table.ts';

const read = (type: SourceEngine, dsn: string) => parseDsn(dsn, type, ENGINE_TABLE);
const ALL = { user: 'u', password: 'p', host: 'h', database: 'd' };

const SCHEMES: [SourceEngine, string][] = Object.values(ENGINE_TABLE).flatMap(({ engine, schemes }) =>
  schemes.map((scheme): [SourceEngine, string] => [engine, scheme]),
);

describe('DSNs', () => {
  test('every form of the guide has its scheme', () => {
    expect(SCHEMES.map(([, scheme]) => scheme)).toEqual(
      expect.arrayContaining([
        ...['postgresql', 'postgres', 'postgresql+psycopg', 'postgresql+psycopg2'],
        ...['mysql', 'mysql+pymysql', 'mariadb', 'mssql', 'mssql+pyodbc', 'sqlserver'],
      ]),
    );
  });

  test.each(SCHEMES)('%s: %s://', (type, scheme) => {
    const sizes = 'sa_pool_size=10&sa_max_overflow=30&sa_pool_timeout=30';
    expect(read(type, `${scheme}://u:p@h:1234/d?${sizes}`)).toEqual({
      ...{ ...ALL, port: 1234 },
      pool: { size: 10, maxOverflow: 30, timeoutS: 30 },
    });
    expect(read(type, `${scheme.toUpperCase()}://u:p@h/d`)).toEqual(ALL);
  });

  const FORMS: [SourceEngine, string, DsnSettings][] = [
    ['postgres', '  postgres://u:p@h/d\n', ALL],
    ['postgres', 'postgres://u@h/d', { user: 'u', host: 'h', database: 'd' }],
    ['postgres', 'postgres://u:@h/d', { user: 'u', password: '', host: 'h', database: 'd' }],
    ['postgres', 'postgres://h', { host: 'h' }],
    ['postgres', 'postgres://h/', { host: 'h' }],
    ['postgres', 'postgres:///d', { database: 'd' }],
    ['postgres', 'postgres://u:p@h:/d', ALL],
    [
      'postgres',
      'postgres://a%40b:p%40%2F%3A%3F%23%25@h/my%20db',
      { ...ALL, user: 'a@b', password: 'p@/:?#%', database: 'my db' },
    ],
    ['postgres', 'postgres://u:p/w:x?y#z+@h/d', { ...ALL, password: 'p/w:x?y#z+' }],
    ['postgres', 'postgres://me@server:p@h/d', { ...ALL, user: 'me@server' }],
    ['postgres', 'postgres://u:p%C3%A4@h/d%C3%A9', { ...ALL, password: 'pä', database: 'dé' }],
    ['postgres', 'postgres://u:p@[::1]:5433/d', { ...ALL, host: '::1', port: 5433 }],
    ['postgres', 'postgres://u:p@[2001:db8::5]/d', { ...ALL, host: '2001:db8::5' }],
    [
      'mysql',
      'mysql+pymysql://u:p@10.1.2.3:3307/d?charset=utf8mb4',
      { ...ALL, host: '10.1.2.3', port: 3307 },
    ],
    ['postgres', 'postgres://u:p@h/d?sslmode=disable', { ...ALL, tls: { mode: 'off' } }],
    ['postgres', 'postgres://u:p@h/d?sslmode=allow', { ...ALL, tls: { mode: 'require' } }],
    ['postgres', 'postgres://u:p@h/d?sslmode=prefer', { ...ALL, tls: { mode: 'require' } }],
    ['postgres', 'postgres://u:p@h/d?sslmode=require', { ...ALL, tls: { mode: 'require' } }],
    ['postgres', 'postgres://u:p@h/d?sslmode=verify-ca', { ...ALL, tls: { mode: 'verify' } }],
    ['postgres', 'postgres://u:p@h/d?sslmode=verify-full', { ...ALL, tls: { mode: 'verify' } }],
    ['postgres', 'postgresql+asyncpg://u:p@h/d?ssl=true', { ...ALL, tls: { mode: 'require' } }],
    ['postgres', 'postgres://u:p@h/d?connect_timeout=5', { ...ALL, connectTimeoutS: 5 }],
    [
      'postgres',
      'postgres://u:p@h/d?application_name=my+report',
      { ...ALL, options: { application_name: 'my report' } },
    ],
    ['postgres', 'postgres://u:p@h/d?search_path=a%2Cb', { ...ALL, options: { search_path: 'a,b' } }],
    ['postgres', 'postgres://u:p@h/d?client_encoding=UTF8&&', ALL],
    ['mysql', 'mysql://u:p@h/d?ssl_mode=VERIFY_IDENTITY', { ...ALL, tls: { mode: 'verify' } }],
    ['mysql', 'mysql://u:p@h/d?ssl-mode=REQUIRED', { ...ALL, tls: { mode: 'require' } }],
    ['mysql', 'mysql://u:p@h/d?ssl=true&ssl_verify_cert=true', { ...ALL, tls: { mode: 'verify' } }],
    ['mysql', 'mysql://u:p@h/d?ssl_verify_cert=true&ssl=true', { ...ALL, tls: { mode: 'verify' } }],
    ['mysql', 'mysql://u:p@h/d?ssl_disabled=True', { ...ALL, tls: { mode: 'off' } }],
    [
      'mssql',
      'mssql+pyodbc://u:p@h/d?driver=ODBC+Driver+18+for+SQL+Server&Encrypt=yes&TrustServerCertificate=yes',
      { ...ALL, tls: { mode: 'require' } },
    ],
    ['mssql', 'mssql+pyodbc://u:p@h/d?driver=ODBC+Driver+18+for+SQL+Server', ALL],
    [
      'mssql',
      'mssql+pyodbc://u:p@h/d?TrustServerCertificate=yes&Encrypt=yes',
      { ...ALL, tls: { mode: 'require' } },
    ],
    ['mssql', 'mssql+pyodbc://u:p@h/d?Encrypt=yes', { ...ALL, tls: { mode: 'verify' } }],
    [
      'mssql',
      'mssql+pyodbc://u:p@h/d?Encrypt=no&TrustServerCertificate=yes',
      { ...ALL, tls: { mode: 'off' } },
    ],
    [
      'mssql',
      'mssql+pyodbc://u:p@h/d?TrustServerCertificate=yes&Encrypt=no',
      { ...ALL, tls: { mode: 'off' } },
    ],
    [
      'mssql',
      'mssql://u:p@h/d?Encrypt=strict',
      { ...ALL, tls: { mode: 'verify' }, options: { encrypt: 'strict' } },
    ],
    [
      'mssql',
      'mssql://u:p@h/d?Encrypt=strict&TrustServerCertificate=yes',
      { ...ALL, tls: { mode: 'verify' }, options: { encrypt: 'strict' } },
    ],
    [
      'mssql',
      'mssql://u:p@h/d?HostNameInCertificate=db.example.com',
      { ...ALL, tls: { mode: 'verify', serverName: 'db.example.com' } },
    ],
    [
      'mssql',
      'mssql://u:p@h/d?ApplicationIntent=readonly',
      { ...ALL, options: { applicationIntent: 'ReadOnly' } },
    ],
    ['mssql', 'mssql://u:p@h/d?MultiSubnetFailover=Yes', { ...ALL, options: { multiSubnetFailover: true } }],
    ['mssql', 'mssql+pyodbc://u:p@h\\SQLEXPRESS/d', { ...ALL, options: { instanceName: 'SQLEXPRESS' } }],
    ['mssql', 'mssql+pyodbc://u:p@h%5CSQLEXPRESS/d', { ...ALL, options: { instanceName: 'SQLEXPRESS' } }],
    ['mssql', 'mssql+pyodbc://u:p@h/d?Connection+Timeout=7', { ...ALL, connectTimeoutS: 7 }],
  ];
  test.each(FORMS)('%s %s', (type, dsn, settings) => expect(read(type, dsn)).toEqual(settings));
});

const SECRET = 'hunter2hunter2';

describe('DSNs that are refused', () => {
  const BAD: [SourceEngine, string, string | undefined, RegExp][] = [
    ['postgres', SECRET, undefined, /form scheme/],
    ['postgres', `${SECRET}@h/d`, undefined, /form scheme/],
    ['postgres', `postgres:/u:${SECRET}@h/d`, undefined, /form scheme/],
    ['postgres', `oracle://u:${SECRET}@h/d`, 'scheme', /unknown scheme "oracle"/],
    ['postgres', `file://u:${SECRET}@h/d`, 'scheme', /unknown scheme/],
    ['postgres', `mysql://u:${SECRET}@h/d`, 'scheme', /is of mysql, but the type is postgres/],
    ['mysql', `postgresql://u:${SECRET}@h/d`, 'scheme', /is of postgres/],
    ['mssql', `mysql+pymysql://u:${SECRET}@h/d`, 'scheme', /is of mysql/],
    ['postgres', `postgres://u:${SECRET}%zz@h/d`, undefined, /broken escape in its password/],
    ['postgres', `postgres://u%:${SECRET}@h/d`, undefined, /broken escape in its user/],
    ['postgres', `postgres://u:${SECRET}@h/d%e4`, undefined, /broken escape in its database/],
    ['postgres', `postgres://u:${SECRET}@h/d?application_name=%`, undefined, /broken escape in its query/],
    ['postgres', `postgres://u:x@${SECRET}@h/d`, undefined, /written %40/],
    ['postgres', `postgres://u:${SECRET}@h:0/d`, 'port', /port/],
    ['postgres', `postgres://u:${SECRET}@h:65536/d`, 'port', /port/],
    ['postgres', `postgres://u:${SECRET}@h:5x/d`, 'port', /port/],
    ['postgres', `postgres://u:${SECRET}@h:-1/d`, 'port', /port/],
    ['postgres', `postgres://u:${SECRET}@%2Fvar%2Frun/d`, undefined, /Unix sockets/],
    ['postgres', `postgres://u:${SECRET}@h1,h2/d`, undefined, /one server/],
    ['postgres', `postgres://u:${SECRET}@169.254.169.254/d`, undefined, /metadata/],
    ['postgres', `postgres://u:${SECRET}@[fd00:ec2::254]/d`, undefined, /metadata/],
    ['postgres', `postgres://u:${SECRET}@[::ffff:169.254.169.254]/d`, undefined, /metadata/],
    ['postgres', `postgres://u:${SECRET}@2852039166/d`, undefined, /four parts/],
    ['postgres', `postgres://u:${SECRET}@[nonsense]/d`, undefined, /no IPv6 address/],
    ['postgres', `postgres://u:${SECRET}@h/d?nonsense=1`, 'nonsense', /unknown parameter "nonsense"/],
    ['postgres', `postgres://u:${SECRET}@h/d?=1`, '', /unknown parameter/],
    ['postgres', `postgres://u:${SECRET}@h/d?__proto__=1`, '__proto__', /unknown parameter/],
    ['postgres', `postgres://u:${SECRET}@h/d?constructor=1`, 'constructor', /unknown parameter/],
    [
      'postgres',
      `postgres://u:${SECRET}@h/d?options=-c%20default_transaction_read_only%3Doff`,
      'options',
      /any setting/,
    ],
    ['postgres', `postgres://u:${SECRET}@h/d?host=/var/run`, 'host', /before the \?/],
    ['postgres', `postgres://u@h/d?password=${SECRET}`, 'password', /before the \?/],
    ['postgres', `postgres://u:${SECRET}@h/d?sslmode=maybe`, 'sslmode', /one of disable/],
    ['postgres', `postgres://u:${SECRET}@h/d?sslmode=`, 'sslmode', /one of disable/],
    ['postgres', `postgres://u:${SECRET}@h/d?sslmode=require&ssl=false`, 'ssl', /contradicts/],
    ['postgres', `postgres://u:${SECRET}@h/d?sslmode=require&sslmode=require`, 'sslmode', /more than once/],
    ['postgres', `postgres://u:${SECRET}@h/d?sslrootcert=/etc/passwd`, 'sslrootcert', /settings.tls.ca/],
    ['postgres', `postgres://u:${SECRET}@h/d?sslkey=/etc/shadow`, 'sslkey', /client certificate/],
    ['postgres', `postgres://u:${SECRET}@h/d?passfile=/etc/passwd`, 'passfile', /file/],
    ['postgres', `postgres://u:${SECRET}@h/d?service=x`, 'service', /file/],
    ['postgres', `postgres://u:${SECRET}@h/d?client_encoding=latin1`, 'client_encoding', /utf8/],
    ['postgres', `postgres://u:${SECRET}@h/d?channel_binding=require`, 'channel_binding', /one of/],
    ['postgres', `postgres://u:${SECRET}@h/d?sa_pool_size=many`, 'sa_pool_size', /number/],
    ['postgres', `postgres://u:${SECRET}@h/d?sa_max_overflow=-1`, 'sa_max_overflow', /number/],
    ['postgres', `postgres://u:${SECRET}@h/d?sa_pool_timeout=1e9`, 'sa_pool_timeout', /number/],
    ['postgres', `postgres://u:${SECRET}@h/d?connect_timeout=`, 'connect_timeout', /number/],
    ['mysql', `mysql://u:${SECRET}@h/d?unix_socket=/run/mysqld.sock`, 'unix_socket', /Unix socket/],
    ['mysql', `mysql://u:${SECRET}@h/d?charset=latin1`, 'charset', /utf8mb4/],
    ['mysql', `mysql://u:${SECRET}@h/d?local_infile=1`, 'local_infile', /one of 0/],
    ['mysql', `mysql://u:${SECRET}@h/d?init_command=drop`, 'init_command', /any statement/],
    ['mysql', `mysql://u:${SECRET}@h/d?ssl_ca=/etc/passwd`, 'ssl_ca', /settings.tls.ca/],
    ['mysql', `mysql://u:${SECRET}@h/d?read_default_file=/etc/passwd`, 'read_default_file', /file/],
    [
      'mysql',
      `mysql://u:${SECRET}@h/d?allowLoadLocalInfile=true`,
      'allowLoadLocalInfile',
      /unknown parameter/,
    ],
    ['mysql', `mysql://u:${SECRET}@h/d?flags=LOCAL_FILES`, 'flags', /unknown parameter/],
    ['mssql', `mssql+pyodbc://?odbc_connect=DRIVER%3Dx%3BPWD%3D${SECRET}`, 'odbc_connect', /its parts/],
    [
      'mssql',
      `mssql+pyodbc://u:${SECRET}@h/d?Trusted_Connection=yes`,
      'Trusted_Connection',
      /operating system/,
    ],
    ['mssql', `mssql+pyodbc://u:${SECRET}@h/d?Encrypt=perhaps`, 'Encrypt', /one of/],
    ['mssql', `mssql+pyodbc://u:${SECRET}@h/d?TrustServerCertificate=2`, 'TrustServerCertificate', /one of/],
    ['mssql', `mssql+pyodbc://u:${SECRET}@h/d?AttachDbFilename=x`, 'AttachDbFilename', /unknown parameter/],
    ['mssql', `mssql+pyodbc://u:${SECRET}@h,1433/d`, undefined, /one server/],
    ['mssql', `mssql+pyodbc://u:${SECRET}@\\\\.\\pipe\\sql/d`, undefined, /named pipes|name of a server/],
    ['mssql', `mssql://u:${SECRET}@h/d?ApplicationIntent=both`, 'ApplicationIntent', /one of/],
  ];
  test.each(BAD)('%s %s', (type, dsn, parameter, words) => {
    const error = catching(() => read(type, dsn));
    expect(error).toMatchObject({ code: 'request.invalid', pointer: '/dsn' });
    expect(error.params?.parameter).toBe(parameter);
    expect(error.message).toMatch(words);
    expect(`${error.message}${JSON.stringify(error.params)}`).not.toContain(SECRET);
  });

  test('whatever is sent, it is settings or a fault at /dsn', () => {
    const pieces = [
      'postgres',
      '://',
      ':',
      '@',
      '/',
      '?',
      '[',
      ']',
      '%',
      '%41',
      'h',
      '&',
      '=',
      '\\',
      ',',
      '#',
      '\u0000',
      'é',
      '..',
      '5432',
    ];
    let seed = 7;
    const next = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    let refused = 0;
    for (let n = 0; n < 20_000; n++) {
      const dsn = `postgres://${Array.from({ length: next(12) }, () => pieces[next(pieces.length)]).join('')}`;
      const error = attempt(() => read('postgres', dsn));
      if (error === undefined) continue;
      refused++;
      expect(error, dsn).toMatchObject({ code: 'request.invalid', pointer: '/dsn' });
    }
    expect(refused).toBeGreaterThan(1000);
  });
});

function attempt(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

function catching(work: () => unknown): AppError {
  const error = attempt(work);
  expect(error).toBeDefined();
  return error as AppError;
}
