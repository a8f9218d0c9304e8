import { until } from '../support/service-kit.ts';
import { checkFiles, checkFires, checkOrphans, checkRows, checkRuns, haveEnded } from './invariants.ts';
import type { Replica } from './replica.ts';
import type { World } from './world.ts';

/** All that was queued ends; every row, fire, run and file is as it must be. */
export async function expectWhole(world: World, calm: Replica): Promise<void> {
  await world.syncAll(calm);
  await checkRows(world);
  // A world may be younger than the first second that fires.
  await until(async () => (await world.store.schedules.fires(world.tickId, 1)).length > 0);
  const now = new Date().toISOString();
  await until(async () => (await haveEnded(world, now)) || Bun.sleep(50).then(() => false));
  await checkFires(world);
  await checkRuns(world);
  await world.stop();
  await checkFiles(world);
  await checkOrphans(world);
}
