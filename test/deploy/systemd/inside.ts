import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../support/server-process.ts';
import { Bed, type Check } from './bed.ts';
import { oneProcess } from './checks/one-process.ts';
import { debianPackage } from './checks/package.ts';
import { replicas, severalProcesses } from './checks/several-processes.ts';
import { Machine } from './machine.ts';

/* What run.ts starts where network and mounts are private already: the folder that it names has the machine's root. */

const PARTS: Readonly<Record<string, readonly Check[]>> = {
  'one process': oneProcess,
  'several processes': severalProcesses,
  replicas,
  'the package': debianPackage,
};

/** Of what a failure tells. */
const LONGEST_TEXT = 2000;
const LAST_LINES = 30;

const say = (text: string) => process.stdout.write(`${text}\n`);

const folder = process.argv[2]!;
runProgram(['ip', 'link', 'set', 'lo', 'up']);
mkdirSync(join(folder, 'cgroup'));
runProgram(['mount', '-t', 'cgroup2', 'cgroup2', join(folder, 'cgroup')]);
let [passed, failed] = [0, 0];
{
  await using machine = await Machine.boot(
    join(folder, 'root'),
    join(folder, 'cgroup', `reporting-api-${process.pid}`),
  );
  say(`${await machine.must('systemctl --version | head -n 1')}`);
  const bed = new Bed(machine);
  for (const [part, checks] of Object.entries(PARTS)) {
    say(`\n== ${part}`);
    for (const { title, run } of checks) {
      const startedMs = performance.now();
      try {
        await run(bed);
        passed++;
        say(`ok      ${title} (${Math.round(performance.now() - startedMs)} ms)`);
      } catch (error) {
        failed++;
        say(`FAILED  ${title}\n${String(error).slice(0, LONGEST_TEXT)}\nThe journal ends with:`);
        say(await machine.must(`journalctl --lines=${LAST_LINES} --output=cat`));
      }
    }
  }
}
say(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
