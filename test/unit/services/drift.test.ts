import { expect, test } from 'bun:test';
import type { SyncedColumn } from '../../../src/domain/sync-task.ts';
import { planDrift } from '../../../src/services/sync/drift.ts';

const column = (type: SyncedColumn['type'], precision?: number, scale?: number): SyncedColumn => ({
  ...{ name: 'x', source: 'x', type },
  ...(precision === undefined ? {} : { precision }),
  ...(scale === undefined ? {} : { scale }),
});

test.each<[string, SyncedColumn, SyncedColumn, Partial<SyncedColumn> | 'refused']>([
  [
    'an integer becomes a decimal',
    column('integer'),
    column('decimal', 10, 2),
    { type: 'decimal', precision: 21, scale: 2 },
  ],
  [
    'digits before and behind grow together',
    column('decimal', 10, 2),
    column('decimal', 10, 4),
    { precision: 12, scale: 4 },
  ],
  [
    'a decimal holds a smaller one',
    column('decimal', 10, 4),
    column('decimal', 6, 2),
    { precision: 10, scale: 4 },
  ],
  ['more digits than a decimal has', column('decimal', 38, 2), column('decimal', 38, 4), 'refused'],
  ['an integer beside many digits behind the point', column('integer'), column('decimal', 38, 30), 'refused'],
  ['a date becomes a timestamp', column('date'), column('timestamp'), { type: 'timestamp' }],
  ['numbers become text', column('decimal', 10, 2), column('text'), { type: 'text' }],
  ['text holds what was a number', column('text'), column('integer'), { type: 'text' }],
  ['a timestamp does not become a date', column('timestamp'), column('date'), 'refused'],
  ['an instant does not become a wall clock', column('timestamptz'), column('timestamp'), 'refused'],
  ['a UUID does not become text', column('uuid'), column('text'), 'refused'],
  ['text does not become bytes', column('text'), column('binary'), 'refused'],
])('%s', (_, held, now, expected) => {
  if (expected === 'refused') {
    expect(() => planDrift([held], [now], 'add')).toThrow(expect.objectContaining({ code: 'sync.drift' }));
    expect(planDrift([held], [now], 'ignore').schema).toEqual([held]);
  } else expect(planDrift([held], [now], 'add').schema[0]).toMatchObject(expected);
});
