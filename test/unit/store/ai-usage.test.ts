import { expect, test } from 'bun:test';
import { createHousekeeping } from '../../../src/compose/housekeeping.ts';
import type { Parts } from '../../../src/compose/parts.ts';
import { readConfig } from '../../../src/config.ts';
import { Audit } from '../../../src/services/audit.ts';
import type { Backups } from '../../../src/services/backups.ts';
import type { Identity } from '../../../src/services/identity.ts';
import { Runs } from '../../../src/services/runs.ts';
import { createStore } from '../../../src/store/store.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { eachStore } from '../../support/metadata-stores.ts';

const ONE = { requests: 1, inputTokens: 3_000_000_000, outputTokens: 10 };

eachStore((_engine, open) => {
  test('tokens add up by user and day, and are kept AI_USAGE_DAYS', async () => {
    await using opened = await open();
    const store = createStore(opened.db);
    for (const day of ['2026-01-01', '2026-01-02', '2026-01-31'])
      for (const user of ['usr_a', 'usr_b']) await store.aiUsage.add(user, day, ONE);
    await store.aiUsage.add('usr_a', '2026-01-02', ONE);
    expect(await store.aiUsage.of('usr_a', '2026-01-02')).toEqual({
      requests: 2,
      inputTokens: 6_000_000_000,
      outputTokens: 20,
    });
    const clock = { now: () => Date.parse('2026-02-01T12:00:00Z') };
    const config = readConfig({
      AI_USAGE_DAYS: '30',
      BACKUP_CRON: 'off',
      SECRET_KEY: 'a-test-key-of-more-than-32-characters',
    });
    const parts = { config, clock, log: createLog('critical', () => undefined), metrics: createMetrics() };
    const runs = new Runs({ store, clock, audit: new Audit(store, clock) });
    const { housekeeping } = createHousekeeping(parts as unknown as Parts, {
      ...{ store, runs, identity: {} as Identity, backups: {} as Backups },
      hasScheduler: () => false,
      compactAll: async () => 0,
    });
    expect(await housekeeping.run({ chore: 'aiUsage' })).toEqual({ days: 2 });
    expect(await store.aiUsage.of('usr_a', '2026-01-01')).toMatchObject({ requests: 0 });
    expect(await store.aiUsage.of('usr_b', '2026-01-02')).toMatchObject({ requests: 1 });
    expect(await store.aiUsage.of('usr_b', '2026-01-31')).toMatchObject({ requests: 1 });
  });
});
