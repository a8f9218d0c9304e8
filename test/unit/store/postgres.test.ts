import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { sql } from 'kysely';
import { type Db, openDatabase } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { isMetadataUrl, parseMetadataUrl } from '../../../src/store/postgres/address.ts';
import { createStore } from '../../../src/store/store.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { type MetadataServer, startMetadataServer } from '../../support/metadata-stores.ts';

let meta: MetadataServer;
beforeAll(async () => {
  meta = await startMetadataServer();
}, 60_000);
afterAll(() => meta[Symbol.asyncDispose](), 60_000);

async function opened(schema: string, poolSize = 2) {
  const db = await openDatabase(meta.url(schema), { poolSize });
  await migrate(db, meta.url(schema), silentLog);
  return { db, store: createStore(db), [Symbol.asyncDispose]: () => db.destroy() };
}

const caught = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: Error) => error,
  );

const pidOf = async (db: Db) =>
  (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]!.pid;

describe('the URL', () => {
  test.each([
    ['./meta.sqlite', false],
    ['/var/lib/reporting/meta.sqlite', false],
    ['postgres://u@h/d', true],
    ['postgresql+psycopg://u@h/d', true],
    ['mysql://u@h/d', true],
  ])('%s: %p', (text, is) => {
    expect(isMetadataUrl(text)).toBe(is);
  });

  test('says where, and as whom', () => {
    expect(parseMetadataUrl('postgresql+psycopg2://me:p%40ss@db.example.com/meta')).toEqual({
      schema: 'public',
      settings: {
        ...{ host: 'db.example.com', port: 5432, database: 'meta', user: 'me', password: 'p@ss' },
        options: {},
      },
    });
    const more = 'sslmode=verify-full&schema=re%20ports&application_name=a&role=owner&connect_timeout=3';
    expect(parseMetadataUrl(`postgres://me@[::1]:6543/meta?${more}`)).toMatchObject({
      schema: 're ports',
      settings: {
        ...{ host: '::1', port: 6543, connectTimeoutS: 3, tls: { mode: 'verify' } },
        options: { application_name: 'a', role: 'owner' },
      },
    });
  });

  test.each([
    ['postgres://', 'must name the host'],
    ['postgres://h/d', 'must name the user'],
    ['postgres://u:hunter2@h', 'must name the database'],
    ['postgres://u:hunter2@h:99999/d', 'a port from 1 to 65535'],
    ['postgres://u:hunter2@h/d?shema=x', 'unknown parameter "shema"'],
    ['postgres://u:hunter2@h/d?search_path=x', 'unknown parameter "search_path"'],
    ['postgres://u:hunter2@h/d?schema=', 'a schema of 1 to 63 bytes'],
    [`postgres://u:hunter2@h/d?schema=${'é'.repeat(32)}`, 'a schema of 1 to 63 bytes'],
    ['postgres://u:hunter2@h/d?sa_pool_size=3', 'METADATA_POOL_SIZE does that'],
    ['postgres://u:hunter2@h/d?sslrootcert=/ca.pem', 'names a file on the server'],
    ['postgres://u:hunter%2@h/d', 'a broken escape in its password'],
    ['mysql://u:hunter2@h/d', 'is of mysql'],
    ['sqlite:///meta.sqlite', 'unknown scheme "sqlite"'],
  ])('%s is refused', (url, says) => {
    const refuse = () => parseMetadataUrl(url);
    expect(refuse).toThrow(says);
    expect(refuse).toThrow(expect.objectContaining({ code: 'storage.unusable' }));
    expect(refuse).not.toThrow('hunter');
  });
});

describe('a server that does not serve', () => {
  const change = (from: string | RegExp, to: string) => meta.url('refused').replace(from, to);
  test.each([
    ['another password', () => change(/:[^:@]*@/, ':hunter2@'), 'storage.unusable', 'user or password'],
    ['no such database', () => change('/meta?', '/nowhere?'), 'storage.unusable', 'no such database'],
    ['nothing there', () => change(/:\d+\/meta/, ':1/meta'), 'storage.unreachable', 'nothing listens'],
    [
      'a certificate that nobody trusts',
      () => change('=require', '=verify-full'),
      'storage.unusable',
      'not signed by a trusted authority',
    ],
    [
      'a role that may not make the schema',
      () => change('+psycopg://reporting:', '+psycopg://weak:'),
      'storage.unusable',
      'lacks a right',
    ],
    [
      'a database of another encoding',
      () => change('/meta?', '/latin?'),
      'storage.unusable',
      'encoded in LATIN1',
    ],
  ])('%s is said without secrets', async (_, url, code, says) => {
    meta.server.admin(
      `do $$ begin if not exists (select 1 from pg_roles where rolname = 'weak') then
        create role weak login password '${meta.server.password}'; end if; end $$`,
      'postgres',
    );
    if (
      url().includes('/latin?') &&
      meta.server.admin("select 1 from pg_database where datname = 'latin'") === ''
    )
      meta.server.admin("create database latin template template0 encoding 'LATIN1' locale 'C'", 'postgres');
    const error = await caught(openDatabase(url()));
    expect(error).toMatchObject({ code, message: expect.stringContaining(says) });
    expect(`${error?.message} ${error?.stack} ${Bun.inspect(error)}`).not.toContain('hunter2');
    expect(Bun.inspect(error)).not.toContain(meta.server.password);
  });
});

describe('sessions', () => {
  test('are few, named, limited, and gone afterwards', async () => {
    const count = () =>
      meta.server.admin("select count(*) from pg_stat_activity where application_name = 'reporting-api'");
    {
      await using place = await opened('few', 2);
      await Promise.all(Array.from({ length: 12 }, (_, i) => place.store.users.byId(String(i))));
      expect(count()).toBe('2');
      const show = async (name: string) =>
        (await sql<{ value: string }>`select current_setting(${name}) as value`.execute(place.db)).rows[0]!
          .value;
      expect(await show('statement_timeout')).toBe('30s');
      expect(await show('lock_timeout')).toBe('10s');
      expect(await show('idle_in_transaction_session_timeout')).toBe('30s');
      expect(await show('search_path')).toBe('few');
    }
    while (count() !== '0') await Bun.sleep(10);
  });

  test('come anew after the server was restarted', async () => {
    await using place = await opened('restart');
    await place.store.facts.set('a', '1');
    await meta.server.stop();
    expect(await caught(place.store.facts.get('a'))).toMatchObject({
      code: 'storage.unreachable',
      retryAfterS: 5,
    });
    expect(await caught(place.store.facts.set('a', '2'))).toMatchObject({ code: 'storage.unreachable' });
    await meta.server.start();
    expect(await place.store.facts.get('a')).toBe('1');
    await place.store.transaction(({ facts }) => facts.set('a', '3'));
    expect(await place.store.facts.get('a')).toBe('3');
  }, 60_000);

  test('that were ended while idle are not noticed by anyone', async () => {
    await using place = await opened('killed');
    const kill = () =>
      meta.server.admin(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'reporting-api'",
      );
    for (let i = 0; i < 5; i++) {
      await place.store.facts.set('n', String(i));
      kill();
      expect(await place.store.facts.get('n')).toBe(String(i));
      kill();
    }
  });

  test('that end inside a transaction take it with them, and nothing after runs outside of it', async () => {
    await using place = await opened('inside');
    const error = await caught(
      place.db.transaction().execute(async (tx) => {
        const { facts } = createStore(tx);
        await facts.set('a', '1');
        meta.server.admin(`select pg_terminate_backend(${await pidOf(tx)})`);
        const first = await caught(facts.set('b', '1'));
        expect(first).toMatchObject({ code: 'storage.unreachable' });
        await facts.set('c', '1');
      }),
    );
    expect(error).toMatchObject({ code: 'storage.unreachable' });
    for (const name of ['a', 'b', 'c']) expect(await place.store.facts.get(name)).toBeUndefined();
    await place.store.facts.set('d', '1');
  });
});

describe('the lock', () => {
  test('that another process holds for too long is said to be busy, and then free again', async () => {
    await using place = await opened('locked');
    await using other = await opened('locked');
    const [inside, leave] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holding = other.store.transaction(async () => {
      inside.resolve();
      await leave.promise;
    });
    await inside.promise;
    const waiting = caught(place.store.facts.set('a', '1'));
    const pid = () =>
      meta.server.admin("select pid from pg_stat_activity where wait_event = 'advisory'", 'meta');
    while (pid() === '') await Bun.sleep(20);
    expect(await place.store.facts.get('a')).toBeUndefined();
    // As the server itself does when lock_timeout has passed, which is long.
    meta.server.admin(`select pg_cancel_backend(${pid()})`);
    expect(await waiting).toMatchObject({ code: 'storage.busy', retryAfterS: 5 });
    leave.resolve();
    await holding;
    await place.store.facts.set('a', '1');
  });

  test('is one a schema', async () => {
    await using one = await opened('one');
    await using two = await opened('two');
    await one.store.transaction(async ({ facts }) => {
      await facts.set('a', '1');
      await two.store.facts.set('a', '2');
      expect(await two.store.facts.get('a')).toBe('2');
    });
  });
});
