import { openJobs } from './processes.ts';
import { work, workTarget } from './work.ts';

/** A candidate over the metadata of the first argument, with as many runs at once as the second says; stops in order at SIGTERM. Prints its name, then each event of its log. */
const jobs = await openJobs(
  process.argv[2]!,
  [work],
  { JOB_CONCURRENCY: process.argv[3]! },
  [workTarget],
  (line) => process.stdout.write(line),
);
process.stdout.write(`${JSON.stringify({ event: 'ready', name: jobs.parts.processName })}\n`);
process.on('SIGTERM', async () => {
  await jobs[Symbol.asyncDispose]();
  process.exit(0);
});
