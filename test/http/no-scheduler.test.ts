import { afterAll, beforeAll, expect, test } from 'bun:test';
import { work, workTarget } from '../support/jobs/work.ts';
import { openService, type TestService, until } from '../support/service-kit.ts';

const JOBS = { jobs: [work], targets: [workTarget] };
const NIGHTLY = { name: 'nightly', cron: '30 2 * * *', job: { kind: 'work', ms: 1 } };
const SAID = /RUN_SCHEDULER=1/;

let service: TestService;
beforeAll(async () => {
  service = await openService({ RUN_SCHEDULER: '0', LEASE_SECONDS: '2' }, JOBS);
  await until(async () => !(await service.call('GET', '/api/readyz')).json.checks.scheduler.ok);
});
afterAll(() => service[Symbol.asyncDispose]());

test('without a scheduler, a schedule says that nothing starts it; paused, it does not', async () => {
  const made = await service.call('POST', '/api/schedules', NIGHTLY);
  expect(made.json.warnings).toEqual([expect.stringMatching(SAID)]);
  const [listed] = (await service.call('GET', '/api/schedules')).json.items;
  expect(listed.warnings).toEqual(made.json.warnings);
  const paused = await service.call('PATCH', '/api/schedules/nightly', { enabled: false });
  expect(paused.json.warnings).toEqual([]);
});

test('what is asked for by hand runs all the same', async () => {
  const { json } = await service.call('POST', '/api/schedules/nightly/run');
  const run = () => service.call('GET', `/api/runs/${json.runId}`);
  await until(async () => (await run()).json.state === 'succeeded');
  expect((await run()).json).toMatchObject({ trigger: 'manual', attempt: 1, warnings: [] });
});

test('with a scheduler there is no warning', async () => {
  await using scheduled = await openService({ RUN_SCHEDULER: '1', LEASE_SECONDS: '2' }, JOBS);
  const made = await scheduled.call('POST', '/api/schedules', NIGHTLY);
  expect(made.json.warnings).toEqual([]);
});
