import { expect, test } from 'bun:test';
import type { DatasourceConnection } from '../../../src/domain/datasource.ts';
import { databaseTable, datasetTable, modelSubject } from '../../../src/engine/model-subject.ts';
import { raw, render } from '../../../src/sql/ast.ts';
import { zoneTable } from '../../../src/sql/dialects/zone-table.ts';

const CONNECTION: DatasourceConnection = {
  ...{ id: 'ds_1', name: 'erp', version: 3, engine: 'mssql' },
  settings: { host: 'h', port: 1, database: 'd', user: 'u', cacheTtlS: 9 },
};
const ID = { name: 'id', type: 'integer', nativeType: 'int', nullable: false, keyPosition: 1 } as const;
const TITLE = { id: 'mdl_1', name: 'm', version: 2, saved: 'm' };

const table = (around: { with?: string; end?: string }) =>
  databaseTable(
    CONNECTION,
    { with: raw(around.with ?? ''), from: raw('(SELECT 1)'), end: raw(around.end ?? ''), columns: [ID] },
    'x',
    zoneTable(),
  );

test('what a source needs around the statement is put there once, and of two sources not at all', () => {
  const definition = { from: {} };
  const { subject } = modelSubject(TITLE, definition, [
    table({}),
    table({ with: 'WITH a AS (SELECT 1)', end: 'OPTION (x)' }),
  ]);
  expect(render(subject.finish(raw('SELECT 2')), subject.dialect).text).toBe(
    'WITH a AS (SELECT 1) SELECT 2 OPTION (x)',
  );
  expect(() =>
    modelSubject(TITLE, definition, [table({ with: 'WITH a' }), table({ end: 'OPTION (x)' })]),
  ).toThrow(expect.objectContaining({ code: 'query.unsupported', pointer: '/joins' }));
});

test('the origin changes with the model and with each of its tables', () => {
  const dataset = (id: string, generation: number, publishedAt: string) =>
    datasetTable({
      id,
      name: id,
      generation,
      columns: [],
      files: [`/f/${id}-${generation}.parquet`],
      publishedAt,
    });
  const old = dataset('dst_a', 4, '2024-01-01T00:00:00.000Z');
  const fresh = dataset('dst_b', 7, '2025-01-01T00:00:00.000Z');
  expect(modelSubject(TITLE, { from: {} }, [fresh, old, old]).subject.origin).toEqual({
    ...{ id: 'mdl_1', name: 'm', engine: 'duckdb', version: 'mdl_1@2+dst_b@7+dst_a@4' },
    ...{ publishedAt: '2024-01-01T00:00:00.000Z', cacheTtlS: undefined },
  });
  expect(modelSubject(TITLE, { from: {} }, [table({}), table({})]).subject.origin).toEqual({
    ...{
      id: 'mdl_1',
      name: 'm',
      engine: 'mssql',
      version: 'mdl_1@2+ds_1@3',
      publishedAt: undefined,
      cacheTtlS: 9,
    },
  });
});
