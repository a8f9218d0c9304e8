import { expect, test } from 'bun:test';
import type { QuerySpec } from '../../../src/domain/query-spec.ts';
import { type PlanOptions, planSpec } from '../../../src/engine/plan.ts';
import { datasetSubject } from '../../../src/engine/subject.ts';

const OPTIONS: PlanOptions = {
  timezone: 'UTC',
  weekStart: 'monday',
  nowMs: Date.UTC(2024, 0, 31),
  timeoutMs: 1000,
  caps: { rows: 10, bytes: 1e6, cells: 10, exportRows: 10 },
  expressionLimits: { maxBytes: 100, maxDepth: 10, maxValueBytes: 256 << 10 },
};
const SUBJECT = datasetSubject({
  id: 'dst_1',
  name: 'sales',
  generation: 1,
  columns: [{ name: 'day', type: 'date' }],
  files: ['/data/a.parquet'],
  publishedAt: '2024-01-01T00:00:00Z',
});
const planned = (expr: string) => {
  const spec: QuerySpec = { from: { dataset: 'sales' }, dimensions: [{ expr, as: 'x' }] };
  return planSpec(spec, SUBJECT, 'json', OPTIONS);
};

test.each([
  ['day', false],
  ["day + interval '1 day'", false],
  ['day = current_date', true],
  ["coalesce(null, date_diff('day', day, current_date))", true],
])('a plan of %s depends on the time: %p', (expr, wanted) => {
  expect(planned(expr).readsClock).toBe(wanted);
});

test('the limits of the settings hold', () => {
  expect(() => planned(`${'('.repeat(11)}day${')'.repeat(11)}`)).toThrow('at most 10 levels');
  expect(() => planned(`'${'a'.repeat(100)}'`)).toThrow('at most 100 bytes');
});
