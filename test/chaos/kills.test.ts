import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { Glob } from 'bun';
import { FAULT_POINTS } from '../../src/base/fault-point.ts';
import { episode } from './episode.ts';
import { Scene } from './scene.ts';
import { type Death, Tally } from './tally.ts';

const MINUTES = 60_000;

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.open({ apart: true });
}, MINUTES);
afterAll(() => scene[Symbol.asyncDispose](), MINUTES);

test('each fault point of the source has its name in the list, from which the kills are taken', async () => {
  const root = join(import.meta.dir, '../../src');
  const reached = new Set<string>();
  for (const path of new Glob('**/*.ts').scanSync(root)) {
    const text = await Bun.file(join(root, path)).text();
    const calls = [...text.matchAll(/\bfaults\.reach\(\s*([^)]*)/g)];
    for (const [, argument = ''] of calls.filter(() => path !== 'base/fault-point.ts')) {
      expect(`${path}: ${argument}`).toMatch(/: '[a-z]+\.[a-z]+'$/);
      reached.add(argument.slice(1, -1));
    }
  }
  expect([...reached].sort()).toEqual([...FAULT_POINTS].sort());
});

test(
  'kill -9 at every step loses nothing and doubles nothing',
  async () => {
    const tally = new Tally();
    const seen = await episode(scene, 'sqlite', 1, tally, FAULT_POINTS.length);
    expect(tally.missing).toEqual([]);
    expect(seen.fires).toBeGreaterThan(5);
    expect(seen.answers).toBeGreaterThan(20);
  },
  10 * MINUTES,
);

/** What the server of the metadata has to do with. */
const OF_THE_STORE = FAULT_POINTS.filter((point) => /\.within$/.test(point));

test(
  'kill -9 in every transaction of metadata on PostgreSQL, and of the server itself',
  async () => {
    const wanted: Death[] = [...OF_THE_STORE, 'reader', 'server'];
    const tally = new Tally(wanted);
    const seen = await episode(scene, 'postgres', 2, tally, wanted.length);
    expect(tally.missing).toEqual([]);
    expect(seen.fires).toBeGreaterThan(5);
    expect(seen.answers).toBeGreaterThan(5);
  },
  10 * MINUTES,
);
