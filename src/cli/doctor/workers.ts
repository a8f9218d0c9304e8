import { WORKERS, workerUrl } from '../../workers/urls.ts';
import { workerFault } from '../../workers/worker-fault.ts';
import { type Check, type Finding, finding } from './check.ts';

const PATIENCE_MS = 20_000;

/** A worker says `loaded` before it is given anything to do. */
function load(name: (typeof WORKERS)[number]): Promise<Finding> {
  const worker = new Worker(workerUrl(name));
  return new Promise<Finding>((resolve) => {
    const fail = (why: string) =>
      resolve(
        finding('workers', 'fail', `the ${name} worker does not start: ${why}`, 'see the reason above'),
      );
    const timer = setTimeout(() => fail(`it said nothing for ${PATIENCE_MS / 1000} s`), PATIENCE_MS);
    worker.onmessage = () => {
      clearTimeout(timer);
      resolve(finding('workers', 'ok', `the ${name} worker starts`));
    };
    worker.onerror = (event) => {
      clearTimeout(timer);
      fail(workerFault(event.message).split('\n', 1)[0]!);
    };
  }).finally(() => worker.terminate());
}

export const workersCheck: Check = {
  name: 'workers',
  run: async () => Promise.all(WORKERS.map(load)),
};
