import { expect, test } from 'bun:test';
import { allFaults } from '../../../src/cli/settings.ts';

test('every wrong setting is in one list, without secrets', async () => {
  const faults = await allFaults({
    PORT: 'x',
    CORS_ORIGINS: 'foo',
    METADATA_DB_PATH: 'postgres://user:hidden@/x',
    POSTGRES_DSN: 'postgres://user:hidden@host:99999/db',
    SUPABASE_POSTGRES_DSN: 'no dsn with hidden words',
    FORWARDED_ALLOW_IPS: '10.0.0.0/99',
    OUTBOUND_PORTS: '80,ninety',
    OTEL_EXPORTER_OTLP_HEADERS: 'a=%zz',
  });
  const names = faults.map((fault) => /^[A-Z_]+/.exec(fault)![0]);
  expect(names.sort()).toEqual([
    'CORS_ORIGINS',
    'FORWARDED_ALLOW_IPS',
    'METADATA_DB_PATH',
    'OTEL_EXPORTER_OTLP_HEADERS',
    'OUTBOUND_PORTS',
    'PORT',
    'POSTGRES_DSN',
    'SUPABASE_POSTGRES_DSN',
  ]);
  expect(faults.join('\n')).not.toContain('hidden');
});

test('right settings have none', async () => {
  expect(await allFaults({})).toEqual([]);
  expect(await allFaults({ METADATA_DB_PATH: 'postgres://user:secret@host/db', CORS_ORIGINS: '' })).toEqual(
    [],
  );
});
