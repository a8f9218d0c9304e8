import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { SYSTEM } from '../../src/domain/audit.ts';
import type { ColumnType } from '../../src/domain/column.ts';
import type { SyncTaskInput, SyncTaskPatch } from '../../src/domain/sync-task.ts';
import type { IngestJob, IngestRunner } from '../../src/lake/jobs.ts';
import { runSync } from '../../src/services/sync/sync-run.ts';
import type { TestServer } from '../support/postgres-server.ts';
import { failure, openSyncKit, type SyncKit } from './kit.ts';
import { ENGINES, insertion } from './servers.ts';

type Row = (string | null)[];

const sorted = (rows: readonly unknown[][]) => rows.map((row) => JSON.stringify(row)).sort();
const uuid7 = (n: number) => `018f0000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const second = (n: number) =>
  `${String(Math.floor(n / 60)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}`;

/** By cursor type: its column, its n-th value as SQL takes it, and as the dataset shows it. */
const CURSORS: Record<string, { type: string; sql(n: number): string; shown(n: number): unknown }> = {
  integer: { type: 'bigint', sql: (n) => String(n - 5), shown: (n) => n - 5 },
  decimal: {
    type: 'decimal',
    sql: (n) => (n / 8 - 1).toFixed(3),
    shown: (n) => (n / 8 - 1).toFixed(3),
  },
  date: {
    type: 'date',
    sql: (n) => `2024-02-${String(20 + (n % 9)).padStart(2, '0')}`,
    shown: (n) => `2024-02-${String(20 + (n % 9)).padStart(2, '0')}`,
  },
  timestamp: {
    type: 'wallClock',
    sql: (n) => `2024-03-31 01:${second(n)}.000001`,
    shown: (n) => `2024-03-31T01:${second(n)}.000001`,
  },
  timestamptz: {
    type: 'instant',
    sql: (n) => `2024-03-31 01:${second(n)}.5`,
    shown: () => undefined,
  },
  text: {
    type: 'text',
    sql: (n) => `é${String.fromCharCode(65 + (n % 26) * 2)}z`,
    shown: (n) => `é${String.fromCharCode(65 + (n % 26) * 2)}z`,
  },
  uuid: { type: 'uuid', sql: uuid7, shown: uuid7 },
};

describe.each(ENGINES)('$name', (engine) => {
  let server: TestServer;
  let kit: SyncKit;
  const { types, quote } = engine;
  const typeOf = (name: string) => (types as Record<string, string>)[name] ?? name;
  beforeAll(async () => {
    [server, kit] = await Promise.all([engine.start(), openSyncKit()]);
    await kit.addDatasource('shop', engine.name, server);
  }, 60_000);
  afterAll(async () => {
    await kit[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const make = (name: string, columns: string) => server.admin(`create table ${name} (${columns})`);
  const add = (name: string, rows: readonly Row[]) => server.admin(insertion(name, rows));
  async function task(name: string, more: Partial<SyncTaskInput>): Promise<void> {
    const source = { kind: 'table' as const, datasource: 'shop', table: name };
    await kit.task({ name, source, dataset: name, mode: 'incremental', ...more } as SyncTaskInput);
  }
  const shown = async (name: string) => sorted(await kit.rows(name));

  test.each(Object.entries(CURSORS))(
    '%s: rows that are alike are neither lost nor doubled',
    async (name, cursor) => {
      const table = `ties_${name}`;
      make(table, `c ${typeOf(cursor.type)} not null, v integer`);
      await task(table, { cursor: { column: 'c' }, batchRows: 3 });
      const held: [number, number][] = [];
      const insert = (rows: [number, number][]) => {
        held.push(...rows);
        add(
          table,
          rows.map(([n, v]) => [cursor.sql(n), String(v)]),
        );
      };
      const check = async () => {
        await kit.sync(table);
        const rows = await kit.rows(table);
        const values = rows.map((row) => row[1]);
        expect(values.sort()).toEqual(held.map(([, v]) => v).sort());
        if (cursor.shown(1) !== undefined)
          expect(sorted(rows)).toEqual(sorted(held.map(([n, v]) => [cursor.shown(n), v])));
      };
      insert([
        [1, 1],
        [1, 1],
        [1, 1],
        [1, 1],
        [1, 2],
        [2, 1],
        [3, 3],
        [3, 3],
      ]);
      await check();
      // More of what stands at the boundary already, and none of it twice.
      insert([
        [3, 3],
        [3, 4],
      ]);
      await check();
      await check();
      insert([
        [3, 3],
        [4, 1],
        [4, 1],
        [5, 1],
        [6, 1],
        [6, 1],
        [7, 1],
      ]);
      await check();
    },
  );

  test('rows of one instant in many batches are not compared with each other, but with those of before', async () => {
    make('one_instant', 'c integer not null, v integer not null');
    await task('one_instant', { cursor: { column: 'c' }, batchRows: 2 });
    /** How many batches each application had. */
    const sync = async () => {
      const batches: number[] = [];
      const { ingest } = kit.run;
      const watched = {
        run(job: IngestJob, options: { signal: AbortSignal }) {
          if (job.kind === 'apply') batches.push(job.staged.length);
          return ingest.run(job as never, options);
        },
      } as IngestRunner;
      const { id } = await kit.tasks.get('one_instant');
      await runSync({ ...kit.run, ingest: watched }, id, {}, await kit.claimed());
      return batches;
    };
    const insert = (rows: Row[]) => add('one_instant', rows);
    insert([1, 2, 2, 3, 3, 3].map((v) => ['7', String(v)]));
    expect(await sync()).toEqual([1, 1, 1]);
    insert([
      ['7', '3'],
      ['7', '4'],
      ['8', '1'],
    ]);
    // Nine rows in batches of two: the first four reach no further than before.
    expect(await sync()).toEqual([5]);
    expect(await sync()).toEqual([1]);
    const expected = [1, 2, 2, 3, 3, 3, 3, 4].map((v) => [7, v]);
    expect(await shown('one_instant')).toEqual(sorted([...expected, [8, 1]]));
  });

  test('late rows are found as far back as the window goes', async () => {
    make('late', `at ${types.wallClock} not null, v integer`);
    await task('late', { cursor: { column: 'at', lateS: 60 } });
    add('late', [
      ['2024-01-01 00:00:00', '1'],
      ['2024-01-01 00:10:00', '2'],
    ]);
    await kit.sync('late');
    add('late', [
      ['2024-01-01 00:09:00', '3'],
      ['2024-01-01 00:08:59', '4'],
      ['2024-01-01 00:10:00', '2'],
    ]);
    expect(await kit.sync('late')).toMatchObject({ rowsRead: 3, rowsAdded: 2 });
    expect((await kit.rows('late')).map((row) => row[1])).toEqual([1, 3, 2, 2]);
  });

  test('rows without a cursor are read each time, and stand there once', async () => {
    make('empty_cursor', 'c bigint null, v integer');
    await task('empty_cursor', { cursor: { column: 'c' }, batchRows: 2 });
    add('empty_cursor', [
      [null, '1'],
      [null, '1'],
      [null, '2'],
      ['5', '3'],
    ]);
    await kit.sync('empty_cursor');
    add('empty_cursor', [
      [null, '1'],
      [null, '4'],
      ['6', '3'],
    ]);
    await kit.sync('empty_cursor');
    await kit.sync('empty_cursor');
    expect(await shown('empty_cursor')).toEqual(
      sorted([
        [null, 1],
        [null, 1],
        [null, 1],
        [null, 2],
        [null, 4],
        [5, 3],
        [6, 3],
      ]),
    );
  });

  test('a key makes a changed row take the place of the old one; untouched files stay', async () => {
    make('keyed', `id bigint not null, changed bigint not null, v ${types.text}, gone ${types.flag}`);
    await task('keyed', {
      cursor: { column: 'changed' },
      primaryKey: ['id'],
      deletes: { column: 'gone' },
      batchRows: 10,
    });
    const rows = (from: number, to: number): Row[] =>
      Array.from({ length: to - from + 1 }, (_, i) => [
        String(from + i),
        String(from + i),
        `v${from + i}`,
        '0',
      ]);
    add('keyed', rows(1, 30));
    await kit.sync('keyed');
    const before = await kit.datasets.resolve('keyed');
    expect(before.files.length).toBe(3);
    server.admin(`update keyed set v = 'new', changed = 31 where id = 15`);
    server.admin(`update keyed set gone = true, changed = 32 where id in (16, 17)`);
    add('keyed', [['33', '33', 'more', '0']]);
    expect(await kit.sync('keyed')).toMatchObject({ rowsRead: 5, rowsAdded: 2, rowsRemoved: 3 });
    const after = await kit.datasets.resolve('keyed');
    expect(after.files.filter((file) => before.files.includes(file)).length).toBe(2);
    const found = await kit.rows('keyed', ['id', 'v']);
    expect(found.length).toBe(29);
    expect(found.filter(([id]) => id === 15)).toEqual([[15, 'new']]);
    expect(found.filter(([id]) => id === 16 || id === 17)).toEqual([]);
    const { generation } = after;
    await kit.sync('keyed');
    expect((await kit.datasets.resolve('keyed')).generation).toBe(generation);
  });

  test('keys that the source has no more are taken away', async () => {
    make('compared', 'a bigint not null, b bigint not null, c bigint not null');
    await task('compared', {
      cursor: { column: 'c' },
      primaryKey: ['a', 'b'],
      deletes: { compareKeys: true },
    });
    add('compared', [
      ['1', '1', '1'],
      ['1', '2', '2'],
      ['2', '1', '3'],
    ]);
    await kit.sync('compared');
    server.admin('delete from compared where a = 1 and b = 2');
    add('compared', [['3', '1', '4']]);
    expect(await kit.sync('compared')).toMatchObject({ rowsAdded: 1, rowsRemoved: 1 });
    expect(await shown('compared')).toEqual(
      sorted([
        [1, 1, 1],
        [2, 1, 3],
        [3, 1, 4],
      ]),
    );
    const from = kit.progress.length;
    server.admin('delete from compared where a = 2');
    await kit.sync('compared');
    const told = kit.progress.slice(from);
    expect(told.map(({ phase }) => phase)).toContain('keys');
    const counts = told.flatMap(({ rows }) => rows ?? []);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(counts.at(-1)).toBe(1);
    server.admin('delete from compared');
    expect(await kit.sync('compared')).toMatchObject({ rowsRemoved: 2, rowCount: 0 });
    expect(await kit.rows('compared')).toEqual([]);
  });

  test('a range is read anew and takes the place of what was there', async () => {
    make('filled', 'c bigint not null, v bigint not null');
    await task('filled', { cursor: { column: 'c' } });
    add(
      'filled',
      [1, 2, 3, 4, 5].map((n) => [String(n), '0']),
    );
    await kit.sync('filled');
    server.admin('update filled set v = 9 where c in (2, 3)');
    server.admin('delete from filled where c = 4');
    await kit.sync('filled');
    expect(await shown('filled')).toEqual(sorted([1, 2, 3, 4, 5].map((n) => [n, 0])));
    await kit.sync('filled', { backfill: { from: '2', to: '4' } });
    expect(await shown('filled')).toEqual(
      sorted([
        [1, 0],
        [2, 9],
        [3, 9],
        [5, 0],
      ]),
    );
    add('filled', [['6', '1']]);
    await kit.sync('filled');
    expect((await kit.rows('filled')).length).toBe(5);
    server.admin('update filled set v = 7');
    await kit.sync('filled', { full: true });
    expect(await shown('filled')).toEqual(sorted([1, 2, 3, 5, 6].map((n) => [n, 7])));
  });

  test('a range of days holds all of the last one; an end that is no value of the cursor is refused', async () => {
    make('days', `c ${types.wallClock} not null, v integer not null`);
    await task('days', { cursor: { column: 'c' } });
    add('days', [
      ['2024-01-01 10:00:00', '0'],
      ['2024-01-02 23:59:59.999999', '0'],
      ['2024-01-03 00:00:00', '0'],
    ]);
    const backfill = { from: '2024-01-01', to: '2024-01-02' };
    const early = await kit.tasks.get('days');
    expect(() => kit.tasks.checkRun(early, { backfill })).toThrow('before the first run');
    await kit.sync('days');
    server.admin('update days set v = 1');
    await kit.sync('days', { backfill });
    expect((await kit.rows('days', ['v'])).flat()).toEqual([0, 1, 1]);
    const ran = await kit.tasks.get('days');
    for (const to of ['x', '2024-01-02T00:00:00Z', '2024-02-30'])
      expect(() => kit.tasks.checkRun(ran, { backfill: { to } })).toThrow(
        '/backfill/to must be a value of "c"',
      );
  });

  test('columns are chosen, renamed and typed; names may be odd', async () => {
    const odd = `a "b" 'c' é;--`;
    server.admin(
      `create table ${quote('odd "x"')} (${quote(odd)} bigint not null, plain ${types.text}, hidden integer)`,
    );
    server.admin(`insert into ${quote('odd "x"')} values (1, '7', 1), (2, '8', 2)`);
    await kit.task({
      name: 'odd',
      source: { kind: 'table', datasource: 'shop', table: '"odd ""x"""' },
      dataset: 'odd',
      mode: 'incremental',
      cursor: { column: odd },
      columns: [{ name: odd }, { name: 'plain', as: 'n', type: 'integer' }],
    });
    await kit.sync('odd');
    expect(await kit.rows('odd')).toEqual([
      [1, 7],
      [2, 8],
    ]);
    server.admin(`insert into ${quote('odd "x"')} values (3, 'no number', 1)`);
    expect(await failure(kit.sync('odd'))).toMatchObject({ code: 'sync.value', params: { column: 'n' } });
    expect(await kit.rows('odd')).toEqual([
      [1, 7],
      [2, 8],
    ]);
  });

  test('columns may have the names that we use ourselves', async () => {
    const names = ['filename', 'k', 'n', 'nth', 'd', 's', 't', 'staged', 'there', 'changed'];
    make('ours', names.map((name) => `${quote(name)} integer not null`).join(', '));
    await task('ours', { cursor: { column: 'n' } });
    await kit.task({
      ...{ name: 'ours_keyed', dataset: 'ours_keyed', mode: 'incremental', cursor: { column: 'nth' } },
      ...{ primaryKey: ['filename'], source: { kind: 'table', datasource: 'shop', table: 'ours' } },
    });
    const row = (n: number) => names.map(() => String(n));
    for (const n of [1, 2, 2, 3]) {
      add('ours', [row(n)]);
      await kit.sync('ours');
      await kit.sync('ours_keyed');
    }
    expect((await kit.rows('ours')).map(([n]) => n)).toEqual([1, 2, 2, 3]);
    expect((await kit.rows('ours_keyed')).map(([n]) => n)).toEqual([1, 2, 3]);
  });

  test('columns that come, go and widen', async () => {
    make('drifting', 'c bigint not null, n integer, old integer');
    await task('drifting', { cursor: { column: 'c' } });
    add('drifting', [
      ['1', '1', '1'],
      ['2', '2', '2'],
      ['2', '2', '2'],
    ]);
    await kit.sync('drifting');
    server.admin(`alter table drifting add extra ${types.text}`);
    server.admin('alter table drifting drop column old');
    server.admin(`update drifting set extra = 'filled later'`);
    server.admin(
      engine.name === 'postgres'
        ? 'alter table drifting alter n type numeric(10,2)'
        : 'alter table drifting modify n decimal(10,2)',
    );
    server.admin(`insert into drifting values (2, 2, 'x'), (3, 2.5, 'y')`);
    await kit.sync('drifting');
    expect(kit.runLog.at(-1)).toMatchObject({
      facts: { added: ['extra'], dropped: ['old'], changed: [{ name: 'n' }] },
    });
    const expected = [
      [1, '1.00', 1, null],
      [2, '2.00', 2, null],
      [2, '2.00', 2, null],
      [2, '2.00', null, 'x'],
      [3, '2.50', null, 'y'],
    ];
    // Of rows that are alike in what was known before, any may be the one that is new.
    expect(sorted((await kit.rows('drifting')).map(([c, n]) => [c, n]))).toEqual(
      sorted(expected.map(([c, n]) => [c, n])),
    );
    await kit.sync('drifting');
    expect((await kit.rows('drifting')).length).toBe(5);
    server.admin(
      engine.name === 'postgres'
        ? `alter table drifting alter n type text using 'n' || n`
        : `alter table drifting modify n varchar(20)`,
    );
    server.admin(`insert into drifting values (4, 'words', 'z')`);
    await kit.sync('drifting');
    expect((await kit.rows('drifting', ['c', 'n'])).at(-1)).toEqual([4, 'words']);
  });

  test('another case of a name is the same column', async () => {
    make('cased', `c bigint not null, ${quote('Foo')} integer`);
    await task('cased', { cursor: { column: 'c' }, drift: 'fail' });
    add('cased', [['1', '1']]);
    await kit.sync('cased');
    server.admin(
      engine.name === 'postgres'
        ? 'alter table cased rename "Foo" to foo'
        : 'alter table cased change `Foo` `foo` integer',
    );
    add('cased', [['2', '2']]);
    await kit.sync('cased');
    expect((await kit.datasets.resolve('cased')).columns.map(({ name }) => name)).toEqual(['c', 'Foo']);
    expect(await kit.rows('cased')).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  test('a cursor whose order in the source is another than in the dataset is refused', async () => {
    make('ordered', `c ${types.text}, v integer`);
    const typed = { cursor: { column: 'c' }, columns: [{ name: 'c', type: 'integer' as const }] };
    expect(await failure(task('ordered', typed))).toMatchObject({
      code: 'request.invalid',
      pointer: '/cursor/column',
    });
    make('reordered', 'c bigint not null');
    await task('reordered', { cursor: { column: 'c' } });
    add('reordered', [['8'], ['950']]);
    await kit.sync('reordered');
    server.admin(
      engine.name === 'postgres'
        ? 'alter table reordered alter c type text using c::text'
        : 'alter table reordered modify c varchar(20)',
    );
    add('reordered', [['1001']]);
    const fault = { code: 'sync.drift', params: { changed: [{ name: 'c', from: 'integer', to: 'text' }] } };
    expect(await failure(kit.sync('reordered'))).toMatchObject(fault);
    await kit.tasks.reset('reordered', SYSTEM);
    await kit.sync('reordered');
    expect((await kit.rows('reordered')).flat()).toEqual(['1001', '8', '950']);
  });

  test('values of a cursor that nothing comes after lose no row', async () => {
    const isPostgres = engine.name === 'postgres';
    const odd = isPostgres
      ? ["'infinity'", "'-infinity'", "'0044-03-15 BC'"]
      : ["'0000-00-00'", "'0000-00-00'"];
    const insert = (values: readonly string[]) =>
      server.admin(
        `${isPostgres ? '' : "set sql_mode = ''; "}insert into unending values ${values.map((v) => `(${v})`).join(', ')}`,
      );
    make('unending', `c ${isPostgres ? types.instant : 'date'} not null`);
    await task('unending', { cursor: { column: 'c', lateS: 1 }, batchRows: 1 });
    let rows = 0;
    for (const values of [odd, ["'2024-01-01'", "'2024-01-01'"], [odd[0]!], ["'2024-01-02'"], []]) {
      if (values.length > 0) insert(values);
      rows += values.length;
      expect(await kit.sync('unending')).toMatchObject({ rowCount: rows });
    }
    expect((await kit.tasks.get('unending')).checkpoint?.cursor).toMatch(/^2024-01-0/);
  });

  test('another choice of columns, or of what marks removed rows, begins anew; another window does not', async () => {
    make('chosen_anew', 'c bigint not null, v integer, gone integer');
    await task('chosen_anew', { cursor: { column: 'c' }, primaryKey: ['c'], columns: [{ name: 'c' }] });
    add('chosen_anew', [
      ['1', '1', null],
      ['2', '2', '1'],
    ]);
    await kit.sync('chosen_anew');
    const patch = (change: SyncTaskPatch) =>
      kit.tasks.update('chosen_anew', change, SYSTEM, AbortSignal.timeout(10_000));
    expect((await patch({ cursor: { column: 'c', lateBy: 5 } })).checkpoint).not.toBeNull();
    const columns = ['c', 'v', 'gone'].map((name) => ({ name }));
    expect((await patch({ columns })).checkpoint).toBeNull();
    await kit.sync('chosen_anew');
    expect(await kit.rows('chosen_anew')).toEqual([
      [1, 1, null],
      [2, 2, 1],
    ]);
    expect((await patch({ deletes: { column: 'gone' } })).checkpoint).toBeNull();
    await kit.sync('chosen_anew');
    expect(await kit.rows('chosen_anew')).toEqual([[1, 1, null]]);
  });

  test('a text is taken as another type only where it says exactly that', async () => {
    make('spelled', `v ${types.text}`);
    const CASES: [type: ColumnType, text: string, shown?: unknown][] = [
      ['timestamp', '2024-01-01T00:00:00+05:00'],
      ['timestamp', '2024-01-01 00:00:00.1234567'],
      ['timestamp', '2024-01-01 10:00', '2024-01-01T10:00:00'],
      ['timestamptz', '2024-01-01 00:00:00'],
      ['timestamptz', '2024-01-01T00:00:00+0530', '2023-12-31T18:30:00Z'],
      ['time', '10:00:00.1234567'],
      ['json', '{a'],
      ['date', '2024-02-30'],
      ['decimal', ''],
      ['decimal', '-.5', '-0.5'],
    ];
    const source = { kind: 'table' as const, datasource: 'shop', table: 'spelled' };
    const open = { name: 'open', dataset: 'open', mode: 'snapshot' as const, source };
    expect(await failure(kit.task({ ...open, columns: [{ name: 'v', type: 'decimal' }] }))).toMatchObject({
      code: 'request.invalid',
      pointer: '/columns/0/scale',
    });
    for (const [i, [type, text, shown]] of CASES.entries()) {
      server.admin('delete from spelled');
      add('spelled', [[text]]);
      await kit.task({
        ...{ name: `spelled_${i}`, dataset: `spelled_${i}`, mode: 'snapshot', source },
        columns: [{ name: 'v', type, ...(type === 'decimal' ? { scale: 1 } : {}) }],
      });
      const fault = await failure(kit.sync(`spelled_${i}`));
      if (shown === undefined)
        expect([type, text, fault]).toMatchObject([type, text, { params: { column: 'v', type } }]);
      else expect([fault, await kit.rows(`spelled_${i}`)]).toEqual([undefined, [[shown as string]]]);
    }
  });

  test('a policy may fail, or leave columns as they are', async () => {
    make('strict', 'c bigint not null, n integer');
    await task('strict', { cursor: { column: 'c' }, drift: 'fail' });
    await kit.task({
      ...{ name: 'lax', dataset: 'lax', mode: 'incremental', cursor: { column: 'c' }, drift: 'ignore' },
      source: { kind: 'table', datasource: 'shop', table: 'strict' },
    });
    add('strict', [['1', '1']]);
    await kit.sync('strict');
    await kit.sync('lax');
    server.admin('alter table strict add more integer');
    add('strict', [['2', '2', '2']]);
    expect(await failure(kit.sync('strict'))).toMatchObject({
      code: 'sync.drift',
      params: { added: ['more'] },
    });
    await kit.sync('lax');
    expect(await kit.rows('lax')).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  test('a SELECT with parameters, and a cursor of its own', async () => {
    make('facts', `c bigint not null, v ${types.text}`);
    add(
      'facts',
      [
        ['1', `it's \\ "x"`],
        ['2', 'other'],
        ['3', `it's \\ "x"`],
      ].map(([c, v]) => [c!, engine.name === 'mysql' ? v!.replaceAll('\\', '\\\\') : v!]),
    );
    await kit.task({
      ...{ name: 'chosen', dataset: 'chosen', mode: 'incremental', cursor: { column: 'twice' } },
      source: {
        kind: 'sql',
        datasource: 'shop',
        sql: 'SELECT c * 2 AS twice, v FROM facts WHERE v = :v AND c >= :least',
        params: { v: `it's \\ "x"`, least: -1 },
      },
    });
    await kit.sync('chosen');
    expect(await kit.rows('chosen')).toEqual([
      [2, `it's \\ "x"`],
      [6, `it's \\ "x"`],
    ]);
    await kit.sync('chosen');
    expect((await kit.rows('chosen')).length).toBe(2);
  });

  test('an abort ends the statement and leaves the old generation', async () => {
    make('slow', 'c bigint not null');
    add('slow', [['1']]);
    await task('slow', { mode: 'snapshot' });
    const many = Array.from({ length: 400 }, (_, n) => [String(n)]);
    await kit.sync('slow');
    server.admin(insertion('slow', many));
    const sleepy = engine.name === 'postgres' ? 'pg_sleep(0.05)' : 'sleep(0.05)';
    server.admin(
      `create view slow_view as select c, ${engine.name === 'postgres' ? `cast(${sleepy} as text)` : sleepy} as s from slow`,
    );
    await kit.task({
      ...{ name: 'slow_view', dataset: 'slow_view', mode: 'snapshot' },
      source: { kind: 'table', datasource: 'shop', table: 'slow_view' },
    });
    const controller = new AbortController();
    const running = kit.sync('slow_view', {}, controller.signal);
    running.catch(() => undefined);
    const busy = () =>
      engine.name === 'postgres'
        ? server.admin(
            `select count(*) from pg_stat_activity where state = 'active' and query like 'COPY%slow_view%'`,
          )
        : server.admin(
            `select count(*) from information_schema.processlist where info like '%FROM \`slow_view\`%' and info not like '%processlist%'`,
          );
    while (busy() === '0') await Bun.sleep(20);
    const started = performance.now();
    controller.abort();
    while (busy() !== '0') await Bun.sleep(20);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(await failure(running)).toBeDefined();
    expect(await failure(kit.datasets.get('slow_view'))).toMatchObject({ code: 'resource.notFound' });
    expect((await kit.rows('slow')).length).toBe(1);
    expect(await readdir(kit.folders.uploads)).toEqual([]);
  });
});
