import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Check } from './check.ts';

export const duckdbCheck: Check = {
  name: 'duckdb',
  async run() {
    const root = await mkdtemp(join(tmpdir(), 'doctor-'));
    try {
      // Not before: where DuckDB cannot be loaded, the other checks must have their say.
      const { probeDuckdb } = await import('./duckdb-probe.ts');
      return await probeDuckdb(root);
    } finally {
      await rm(root, { recursive: true });
    }
  },
};
