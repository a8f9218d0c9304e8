import { SYSTEM } from '../../src/domain/audit.ts';
import type { IngestRunner } from '../../src/lake/jobs.ts';
import { openLake } from './datasets-kit.ts';

/** Uploads generation after generation of the dataset `d`, and stops for good at the point named: to be killed there. */
const [home = '', stopAt = 'never', from = '1'] = process.argv.slice(2);

async function reached(point: string): Promise<void> {
  process.stdout.write(`${point}\n`);
  if (point === stopAt) await new Promise(() => setInterval(() => undefined, 1000));
}

function watched(runner: IngestRunner): IngestRunner {
  return {
    async run(job, options) {
      const result = runner.run(job, options);
      if (job.kind === 'load') await reached('loading');
      const done = await result;
      if (job.kind === 'load') await reached('loaded');
      return done;
    },
  } as IngestRunner;
}

const lake = await openLake({ home, ingest: watched });
const { store } = lake.datasets.deps;
const [publish, create] = [store.publish.bind(store), store.create.bind(store)];
store.publish = async (...given) => {
  await reached('named');
  await publish(...given);
  await reached('published');
};
store.create = async (...given) => {
  await reached('named');
  await create(...given);
  await reached('published');
};

for (let value = Number(from); ; value++) {
  await lake.datasets.upload(async (staging) => {
    await staging.write(new TextEncoder().encode(`v\n${`${value}\n`.repeat(value === 1 ? 10 : 200_000)}`));
    await reached('staged');
    await staging.close();
    const options = { name: 'd', replace: true };
    await lake.datasets.create(
      { staging, sourceName: 'd.csv' },
      options,
      SYSTEM,
      new AbortController().signal,
    );
  });
  await reached('done');
}
