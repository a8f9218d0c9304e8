import type { FaultPoint } from '../../src/base/fault-point.ts';
import { openSyncKit } from './kit.ts';

/** Runs the tasks of a home and compacts their datasets; says the point named when it comes to it for the n-th time, and stays there. */
const [home = '', point = '', times = '1', ...tasks] = process.argv.slice(2);
let left = Number(times);
const kit = await openSyncKit({
  home,
  faults: {
    async reach(name: FaultPoint) {
      if (name !== point || --left > 0) return;
      process.stdout.write('reached\n');
      await new Promise(() => setInterval(() => undefined, 1000));
    },
  },
});
for (const task of tasks) {
  const { datasetId } = await kit.sync(task);
  if (datasetId !== null) await kit.compaction.compact(datasetId, AbortSignal.timeout(60_000));
}
process.stdout.write('done\n');
