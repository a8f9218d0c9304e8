import { readFileSync } from 'node:fs';
import { memoryLimitBytes } from '../../base/memory.ts';
import { type Check, type Finding, finding } from './check.ts';

const MIB = 2 ** 20;
const FIRST_SANE_YEAR = 2024;

async function clock(): Promise<Finding> {
  const year = new Date().getUTCFullYear();
  if (year < FIRST_SANE_YEAR)
    return finding('clock', 'fail', `the clock says ${year}`, 'set the clock; switch NTP on');
  const drift = Date.now() - performance.timeOrigin - performance.now();
  if (Math.abs(drift) > 2000)
    return finding(
      'clock',
      'warn',
      `the clock jumped by ${Math.round(drift)} ms while this ran`,
      'check NTP',
    );
  return finding('clock', 'ok', `the clock is steady (${new Date().toISOString()})`);
}

function openFiles(connections: number): Finding {
  const line = readFileSync('/proc/self/limits', 'utf8').match(/^Max open files\s+(\S+)/m);
  const soft = line?.[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(line?.[1]);
  const wanted = connections + 256;
  if (soft >= wanted) return finding('limits', 'ok', `${soft} files may be open`);
  return finding(
    'limits',
    'warn',
    `only ${soft} files may be open, CONN_LIMIT and LIVE_MAX_CONNECTIONS want ${wanted}`,
    'raise LimitNOFILE',
  );
}

function memory(): Finding {
  const limit = memoryLimitBytes();
  const says = `${Math.round(limit / MIB)} MiB of memory may be used`;
  if (limit >= 512 * MIB) return finding('limits', 'ok', says);
  return finding('limits', 'warn', says, 'give it at least 512 MiB');
}

export const machineCheck: Check = {
  name: 'machine',
  async run({ CONN_LIMIT, LIVE_MAX_CONNECTIONS }) {
    return [await clock(), openFiles(CONN_LIMIT + LIVE_MAX_CONNECTIONS), memory()];
  },
};
