import { expect, test } from 'bun:test';
import { memoryLimitBytes } from '../../../src/base/memory.ts';
import { instanceLimits } from '../../../src/compose/parts.ts';
import { readConfig } from '../../../src/config.ts';

/** Those of callers' SQL, of files and of databases, in addition to the query workers. */
const OTHER_INSTANCES = 3;

test.each([
  ['1', '1'],
  ['1', '64'],
  ['8', '4'],
  ['256', '64'],
])(
  'the DuckDBs of %s processes with %s workers share what there is, and leave some',
  (WEB_CONCURRENCY, THREADS) => {
    const { memoryLimitBytes: each } = instanceLimits(readConfig({ WEB_CONCURRENCY, THREADS }));
    const all = each * Number(WEB_CONCURRENCY) * (Number(THREADS) + OTHER_INSTANCES);
    expect(all / memoryLimitBytes()).toBeWithin(0.55, 0.601);
  },
);

test('what is set is taken, for each instance', () => {
  const config = readConfig({
    DUCKDB_MEMORY_LIMIT: '1GiB',
    DUCKDB_TEMP_MAX_BYTES: '2GiB',
    DUCKDB_THREADS: '3',
  });
  expect(instanceLimits(config)).toEqual({ memoryLimitBytes: 2 ** 30, tempMaxBytes: 2 ** 31, threads: 3 });
});
