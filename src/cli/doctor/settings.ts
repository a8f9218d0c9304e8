import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { memoryLimitBytes } from '../../base/memory.ts';
import { SETTINGS } from '../../settings.ts';
import { type Check, type Finding, finding } from './check.ts';
import { RULES } from './settings-rules.ts';

async function freeBytes(path: string): Promise<number> {
  let folder = dirname(resolve(path));
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  return Number(bavail) * Number(bsize);
}

export const settingsCheck: Check = {
  name: 'settings',
  async run(config) {
    const machine = {
      cores: availableParallelism(),
      memoryBytes: memoryLimitBytes(),
      freeBytes: await freeBytes(config.DUCKDB_PATH),
    };
    const broken = RULES.filter((rule) => rule.isBroken(config, machine));
    if (broken.length === 0)
      return [finding('settings', 'ok', 'the settings fit each other and the machine')];
    return broken.map(({ state, says, todo }) => finding('settings', state, says, todo));
  },
};

/** Whether one text becomes the other by one character more, less, changed, or two swapped. */
function isNear(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const [restA, restB] = [a.slice(start), b.slice(start)];
  const isSwap = restA.slice(2) === restB.slice(2) && restA[0] === restB[1] && restA[1] === restB[0];
  return isSwap || restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1);
}

const SHORTEST = 6;

/** Names in the environment that are one slip away from a setting, and have no effect. */
export function misspelled(env: Record<string, string | undefined>): Finding[] {
  const names = Object.keys(SETTINGS);
  return Object.keys(env).flatMap((name) => {
    if (name in SETTINGS || name.length < SHORTEST) return [];
    const meant = names.find((each) => isNear(name.toUpperCase(), each) || name.toUpperCase() === each);
    if (meant === undefined) return [];
    return [finding('settings', 'warn', `${name} is no setting`, `did you mean ${meant}?`)];
  });
}
