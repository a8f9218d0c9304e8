// A program whose next version never comes to serve; run by upgrade.test.ts.
import { startSuccessor } from '../../../src/cluster/upgrade.ts';

if (process.argv[2] === 'serve') setInterval(() => undefined, 1000);
else {
  const { pid, isServing } = startSuccessor([], process.env, 100);
  process.stdout.write(JSON.stringify({ pid, isServing: await isServing }));
}
