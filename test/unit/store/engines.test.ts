import { describe, expect, test } from 'bun:test';
import { sql } from 'kysely';
import { AppError } from '../../../src/base/errors.ts';
import type { Db } from '../../../src/store/database.ts';
import type { NewGeneration } from '../../../src/store/dataset-rows.ts';
import { DatasetStore } from '../../../src/store/datasets.ts';
import { createStore } from '../../../src/store/store.ts';
import { isUniqueViolation } from '../../../src/store/store-errors.ts';
import { eachStore } from '../../support/metadata-stores.ts';
import { spawnScript } from './folder.ts';

const AT = '2026-01-01T00:00:00.000Z';
/** In the order of their bytes; readers of English would have a, A, aa, b, B, é. */
const BY_BYTES = ['A', 'B', 'Z', '_', 'a', 'a_', 'aa', 'b', 'z', 'é', '😀'];

const user = (id: string, email = `${id}@example.com`) => ({
  ...({ id, email, name: id, role: 'viewer', disabled: false, passwordHash: 'x' } as const),
  ...{ createdAt: AT, updatedAt: AT },
});

const generation = (number: number, more: Partial<NewGeneration> = {}): NewGeneration => ({
  generation: number,
  rowCount: 1,
  bytes: 10,
  columns: [],
  files: [`${number}-0.parquet`],
  rejected: { count: 0, samples: [] } as never,
  warnings: [],
  sourceName: 'a.csv',
  createdBy: null,
  ...more,
});

const dataset = (id: string, name = id) => ({ id, name, description: '', createdBy: null });
const datasetsOf = (db: Db) => new DatasetStore(db, (id, file) => `${id}/${file}`);
const bySettled = (work: Promise<unknown>) => {
  let settled = false;
  const done = () => {
    settled = true;
  };
  work.then(done, done);
  return () => settled;
};

eachStore((engine, open) => {
  describe('text', () => {
    test('is ordered and paged by its bytes', async () => {
      await using store = await open();
      const { users } = createStore(store.db);
      for (const id of BY_BYTES.toReversed()) await users.insert(user(id, `${BY_BYTES.indexOf(id)}`));
      const ids: string[] = [];
      for (;;) {
        const page = await users.list(3, ids.at(-1));
        ids.push(...page.map(({ id }) => id));
        if (page.length < 3) break;
      }
      expect(ids).toEqual(BY_BYTES);
    });

    test('is unique and equal by its bytes', async () => {
      await using store = await open();
      const datasets = datasetsOf(store.db);
      const names = ['Straße', 'strasse', 'STRASSE', 'café', 'cafe\u0301', 'cafe', 'cafe '];
      for (const [i, name] of names.entries())
        await datasets.create(dataset(`ds_${i}`, name), generation(1), AT);
      expect((await datasets.sources()).map(({ name }) => name)).toEqual(
        names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      );
      for (const [i, name] of names.entries()) expect((await datasets.find(name)).id).toBe(`ds_${i}`);
      await expect(datasets.create(dataset('ds_x', 'café'), generation(1), AT)).rejects.toMatchObject({
        code: 'resource.conflict',
        pointer: '/name',
      });
    });
  });

  describe('numbers', () => {
    test('are numbers: counts, maxima and more than 32 bits', async () => {
      await using store = await open();
      const datasets = datasetsOf(store.db);
      const [rowCount, bytes] = [2 ** 31 + 7, 2 ** 52 + 1];
      await datasets.create(dataset('ds_1'), generation(1, { rowCount, bytes }), AT);
      expect(await datasets.find('ds_1')).toMatchObject({ rowCount, bytes, generation: 1 });
      expect(await datasets.totals()).toEqual({ count: 1, bytes });
      expect(await datasets.nextGeneration('ds_1')).toBe(2);
      expect(await createStore(store.db).users.count()).toBe(0);
      const { rows } = await sql<{ n: number }>`select sum(bytes) as n from generations`.execute(store.db);
      expect(rows).toEqual([{ n: bytes }]);
    });

    test('of entries that count by themselves grow', async () => {
      await using store = await open();
      const { loginFailures } = createStore(store.db);
      const ids = [await loginFailures.begin('a', AT), await loginFailures.begin('a', AT)];
      expect(ids[1]!).toBeGreaterThan(ids[0]!);
      await loginFailures.takeBack([]);
      await loginFailures.judge([]);
      await loginFailures.judge(ids.slice(1));
      const failure = (isJudged: boolean) => ({ at: AT, isJudged });
      expect(await loginFailures.recent('a', '', 10)).toEqual([failure(true), failure(false)]);
      expect(await loginFailures.recent('a', AT, 10)).toEqual([]);
      await loginFailures.removeOf('a');
      expect(await loginFailures.recent('a', '', 10)).toEqual([failure(false)]);
      await loginFailures.takeBack(ids);
      expect(await loginFailures.recent('a', '', 10)).toEqual([]);
    });
  });

  describe('datasets', () => {
    test('serve the later of two generations, whichever is published first', async () => {
      await using store = await open();
      const datasets = datasetsOf(store.db);
      await datasets.create(dataset('ds_1'), generation(1), AT);
      await datasets.publish('ds_1', generation(3), AT);
      await datasets.publish('ds_1', generation(2), AT);
      expect((await datasets.resolve('ds_1')).files).toEqual(['ds_1/3-0.parquet']);
      await expect(datasets.publish('ds_1', generation(3), AT)).rejects.toMatchObject({
        code: 'resource.conflict',
      });
      await expect(datasets.publish('ds_2', generation(1), AT)).rejects.toMatchObject({
        code: 'resource.conflict',
      });
      await datasets.rollback('ds_1', 2, AT);
      expect((await datasets.generations('ds_1')).map((each) => [each.generation, each.current])).toEqual([
        [3, false],
        [2, true],
        [1, false],
      ]);
      await datasets.prune(1, AT);
      expect((await datasets.generations('ds_1')).map((each) => each.generation)).toEqual([3, 2]);
      expect(await datasets.remove('ds_1', AT)).toBe(true);
      expect(await datasets.remove('ds_1', AT)).toBe(false);
      const { kept, retired } = await datasets.known();
      expect([...kept]).toEqual([]);
      expect([...retired.keys()].sort()).toContain('ds_1/1-0.parquet');
      await datasets.forget([...retired.keys()]);
      expect((await datasets.known()).retired.size).toBe(0);
    });
  });

  describe('what is changed under a condition', () => {
    test('says whether it was', async () => {
      await using store = await open();
      const { users, sessions, apiKeys } = createStore(store.db);
      await users.insert(user('usr_1'));
      const times = { createdAt: AT, expiresAt: AT };
      await sessions.insert({
        ...{ id: 's', userId: 'usr_1', refreshHash: 'one', csrf: '', address: '', agent: '' },
        ...times,
      });
      expect(await sessions.rotate('s', 'two', 'one')).toBe(true);
      expect(await sessions.rotate('s', 'three', 'one')).toBe(false);
      await apiKeys.insert(
        {
          ...{ id: 'k', userId: 'usr_1', name: 'k', hint: 'sk', scopes: ['read'], ...times },
          ...{ revokedAt: null, lastUsedAt: null },
        },
        'hash',
      );
      expect(await apiKeys.revoke('k', AT)).toBe(true);
      expect(await apiKeys.revoke('k', AT)).toBe(false);
      await users.remove('usr_1');
      expect([await apiKeys.count(), await sessions.live('s')]).toEqual([0, undefined]);
    });

    test('a fact that is set once keeps its first value', async () => {
      await using store = await open();
      const { facts } = createStore(store.db);
      expect(await facts.setOnce('id', 'first')).toBe('first');
      expect(await facts.setOnce('id', 'second')).toBe('first');
    });
  });

  describe('a transaction', () => {
    test('takes back everything when one step fails', async () => {
      await using store = await open();
      const nouns = createStore(store.db);
      const failing = nouns.transaction(async ({ facts }) => {
        await facts.set('a', '1');
        throw new Error('stop');
      });
      await expect(failing).rejects.toThrow('stop');
      expect(await nouns.facts.get('a')).toBeUndefined();
      await nouns.facts.set('a', '2');
      expect(await nouns.facts.get('a')).toBe('2');
    });

    test('goes on after a statement that broke a constraint, without it', async () => {
      await using store = await open();
      await store.db.transaction().execute(async (tx) => {
        const { users, facts } = createStore(tx);
        await users.insert(user('usr_1'));
        const error = await users.insert(user('usr_2', 'usr_1@example.com')).catch((caught) => caught);
        expect(error).toMatchObject({ code: 'resource.conflict', pointer: '/email' });
        const raw = await sql`insert into facts values ('a', '1'), ('a', '2')`
          .execute(tx)
          .catch((caught) => caught);
        expect(isUniqueViolation(raw)).toBe(true);
        await facts.set('b', '1');
      });
      const { users, facts } = createStore(store.db);
      expect((await users.list(10)).map(({ id }) => id)).toEqual(['usr_1']);
      expect([await facts.get('a'), await facts.get('b')]).toEqual([undefined, '1']);
    });

    test('may have its statements called at once', async () => {
      await using store = await open();
      await createStore(store.db).transaction(async ({ users, facts }) => {
        const emails = ['a@x', 'b@x', 'a@x', 'c@x'];
        const made = await Promise.allSettled(
          emails.map((email, i) => users.insert(user(`usr_${i}`, email))),
        );
        expect(made.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
        await facts.set('n', String(await users.count()));
      });
      expect(await createStore(store.db).facts.get('n')).toBe('3');
    });

    test('is alone: another process neither reads what it has not ended nor writes in between', async () => {
      await using store = await open();
      const here = createStore(store.db);
      const there = createStore(await store.again());
      await here.facts.set('a', 'before');
      const [inside, leave] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const first = here.transaction(async ({ facts }) => {
        await facts.set('a', 'first');
        inside.resolve();
        await leave.promise;
        await facts.set('b', (await facts.get('a')) ?? '');
      });
      await inside.promise;
      expect(await there.facts.get('a')).toBe('before');
      if (engine === 'postgres') {
        const write = there.facts.set('d', 'alone');
        const second = there.transaction(async ({ facts }) => facts.set('c', (await facts.get('b')) ?? ''));
        const isDone = [bySettled(write), bySettled(second)];
        await waiting(store.look);
        expect(isDone.map((done) => done())).toEqual([false, false]);
        leave.resolve();
        await Promise.all([first, write, second]);
      } else {
        leave.resolve();
        await first;
        await there.transaction(async ({ facts }) => facts.set('c', (await facts.get('b')) ?? ''));
        await there.facts.set('d', 'alone');
      }
      expect([await here.facts.get('a'), await here.facts.get('b'), await here.facts.get('c')]).toEqual([
        'first',
        'first',
        'first',
      ]);
      expect(await here.facts.get('d')).toBe('alone');
    });

    test('of several processes add up, though each reads before it writes', async () => {
      await using store = await open();
      const children = [1, 2, 3].map(() => spawnScript('count.child.ts', [store.path, '40']));
      expect(await Promise.all(children.map(({ exited }) => exited))).toEqual([0, 0, 0]);
      expect(await createStore(store.db).facts.get('count')).toBe('120');
    }, 60_000);
  });

  if (engine === 'postgres')
    test('a text that PostgreSQL cannot hold is a fault of the request', async () => {
      await using store = await open();
      const error = await createStore(store.db)
        .facts.set('a', 'x\0y')
        .catch((caught) => caught);
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: 'request.invalid' });
    });
});

/** Until a session waits for the lock. */
async function waiting(look: (query: string) => string[]): Promise<void> {
  const query = "select count(*) from pg_locks where locktype = 'advisory' and not granted";
  while (look(query)[0] === '0') await Bun.sleep(20);
}
