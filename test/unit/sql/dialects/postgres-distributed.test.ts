import { expect, test } from 'bun:test';
import type { SourceColumn } from '../../../../src/domain/column.ts';
import type { QuerySpec } from '../../../../src/domain/query-spec.ts';
import { raw, render } from '../../../../src/sql/ast.ts';
import { dialectFor } from '../../../../src/sql/dialects/for-engine.ts';
import { zoneTable } from '../../../../src/sql/dialects/zone-table.ts';
import { compileSpec } from '../../../../src/sql/spec.ts';
import { scopeOf } from '../duckdb.ts';

const COLUMNS: SourceColumn[] = [
  { name: 'word', type: 'text', nativeType: 'character varying(20)' },
  { name: 'note', type: 'text', nativeType: 'text' },
  { name: 'day', type: 'date', nativeType: 'date' },
];
const dialect = dialectFor('postgres', { textComparison: 'exact', zones: zoneTable() });
const statement = (spec: Omit<QuerySpec, 'from'>) =>
  render(compileSpec({ from: {}, ...spec }, raw('s'), scopeOf(COLUMNS, { dialect })).statement, dialect);

test('a varchar under COLLATE is text by an operator, as Citus drops a cast there', () => {
  const { text } = statement({
    dimensions: ['word', 'note'],
    where: { field: 'word', op: 'contains', value: 'a' },
  });
  expect(text).toContain(`CAST((CAST("word" AS text) || '') AS text) COLLATE "C" AS d0`);
  expect(text).toContain(`CAST("note" AS text) COLLATE "C" AS d1`);
  expect(text).toContain(`lower(CAST((CAST("word" AS text) || '') AS text) COLLATE "default")`);
});

test('an index on a varchar still serves equality', () => {
  const { text } = statement({ dimensions: ['note'], where: { field: 'word', op: 'eq', value: 'a' } });
  expect(text).toContain(`(CAST("word" AS text) = CAST(CAST($1 AS text) AS text) AND `);
});

test('a date in a text expression is a typed parameter', () => {
  const { text, params } = statement({
    dimensions: [
      {
        expr: "case when day = date '2024-02-29' then 'leap' else cast(date '2024-01-01' as text) end",
        as: 'd',
      },
    ],
  });
  expect(text).toContain('CAST($1 AS date)');
  expect(text).not.toContain('AS text) AS date)');
  expect(params).toContain('2024-02-29');
});
