import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { work, workTarget } from '../support/jobs/work.ts';
import { openService, type TestService, until } from '../support/service-kit.ts';

const JOBS = { jobs: [work], targets: [workTarget] };
const NIGHTLY = {
  name: 'nightly',
  cron: '30 2 * * *',
  timezone: 'Europe/Rome',
  job: { kind: 'work', ms: 1 },
};

let service: TestService;
let viewer: TestService['call'];
beforeAll(async () => {
  service = await openService(
    { RUN_SCHEDULER: '1', LEASE_SECONDS: '2', BACKEND_BASE_URL: 'http://reports.example/reporting' },
    JOBS,
  );
  const user = { email: 'v@example.com', name: 'V', role: 'viewer', password: 'a viewer of things' };
  await service.call('POST', '/api/users', user);
  viewer = await service.as(user.email, user.password);
});
afterAll(() => service[Symbol.asyncDispose]());

test('a schedule is made, shown, changed, paused, run by hand and removed', async () => {
  const made = await service.call('POST', '/api/schedules', NIGHTLY);
  expect(made.json).toMatchObject({
    ...NIGHTLY,
    ...{ catchUp: 'latest', jitterS: 0, onHoliday: 'run', calendar: null, enabled: true, version: 1 },
  });
  expect(made.status).toBe(201);
  expect(made.json.next).toHaveLength(10);
  expect(made.json.nextAt).toBe(made.json.next[0]);
  const path = `/api/schedules/${made.json.id}`;
  expect(made.headers.get('location')).toBe(path);
  expect((await service.call('GET', '/api/schedules/nightly')).json).toEqual(made.json);
  const changed = await service.call('PATCH', path, { cron: '0 6 * * 1', jitterS: 60 });
  expect(changed.json).toMatchObject({ cron: '0 6 * * 1', timezone: 'Europe/Rome', version: 2 });
  const jitterMs = Date.parse(changed.json.nextAt) - Date.parse(changed.json.next[0]);
  expect(jitterMs).toBeWithin(0, 60_001);
  const paused = await service.call('PATCH', path, { enabled: false });
  expect(paused.json).toMatchObject({ enabled: false, nextAt: null, next: [] });
  const run = await service.call('POST', `${path}/run`);
  expect(run.status).toBe(202);
  const shown = `/api/runs/${run.json.runId}`;
  await until(async () => (await service.call('GET', shown)).json.state === 'succeeded');
  expect((await service.call('GET', shown)).json).toMatchObject({
    kind: 'work',
    trigger: 'manual',
    attempt: 1,
  });
  expect((await service.call('DELETE', path)).status).toBe(204);
  expect((await service.call('GET', path)).json.code).toBe('resource.notFound');
  const { items } = (await service.call('GET', '/api/admin/audit?limit=500')).json;
  const actions = items.map(({ action }: { action: string }) => action);
  for (const what of ['create', 'update', 'run', 'delete']) expect(actions).toContain(`schedule.${what}`);
});

test('a schedule of each second fires, and the scheduler shows it', async () => {
  const { json } = await service.call('POST', '/api/schedules', {
    ...NIGHTLY,
    name: 'often',
    cron: '* * * * * *',
  });
  const path = `/api/schedules/${json.id}`;
  await until(async () => (await service.call('GET', `${path}/fires`)).json.items.length > 1);
  await service.call('PATCH', path, { enabled: false });
  const [fire, other] = (await service.call('GET', `${path}/fires`)).json.items;
  const first = (await service.call('GET', `${path}/fires?limit=1`)).json;
  expect(first.items).toEqual([fire]);
  const second = (await service.call('GET', `${path}/fires?limit=1&cursor=${first.nextCursor}`)).json;
  expect(second.items).toEqual([other]);
  await until(async () => (await service.call('GET', `/api/runs/${fire.runId}`)).json.state === 'succeeded');
  const run = (await service.call('GET', `/api/runs/${fire.runId}`)).json;
  expect(run).toMatchObject({ fireId: fire.id, trigger: 'schedule', input: { scheduledFor: fire.instant } });
  const state = (await service.call('GET', '/api/admin/scheduler/jobs')).json;
  expect(state).toMatchObject({ isAlive: true, role: 'leader', token: 1, stuck: [], truncated: [] });
  expect(state.kinds).toContain('work');
  expect(state.schedules.find(({ id }: { id: string }) => id === json.id).lastFire).toEqual(fire);
  expect(await service.metric('schedule_fires_total{outcome="run"}')).toBeGreaterThan(1);
  expect(await service.metric('scheduler_leader')).toBe(1);
  expect((await service.call('GET', '/api/healthz')).json).toMatchObject({
    role: 'leader',
    scheduler: 'alive',
  });
  const stats = (await service.call('GET', '/api/admin/stats')).json;
  expect(stats.schedules).toEqual({ enabled: 0, paused: 1 });
  expect(stats.runs.succeeded).toBeGreaterThan(1);
  await service.call('DELETE', path);
});

test('the scheduler shows a hundred schedules and says that there are more', async () => {
  const made = await Promise.all(
    Array.from({ length: 101 }, (_, i) =>
      service.call('POST', '/api/schedules', { ...NIGHTLY, name: `of many ${i}`, enabled: false }),
    ),
  );
  const state = (await service.call('GET', '/api/admin/scheduler/jobs')).json;
  expect(state.schedules).toHaveLength(100);
  expect(state.truncated).toEqual(['schedules']);
  await Promise.all(made.map(({ json }) => service.call('DELETE', `/api/schedules/${json.id}`)));
});

test('a process that may not run jobs says that nobody does', async () => {
  await using web = await openService({}, JOBS);
  expect((await web.call('GET', '/api/healthz')).json).toMatchObject({ role: 'web', scheduler: 'none' });
});

test('runs are listed the newest first, filtered, and aborted', async () => {
  const { json } = await service.call('POST', '/api/schedules', {
    ...NIGHTLY,
    job: { kind: 'work', ms: 600_000 },
  });
  const { runId } = (await service.call('POST', `/api/schedules/${json.id}/run`)).json;
  await until(async () => (await service.call('GET', `/api/runs/${runId}`)).json.state === 'running');
  const running = (await service.call('GET', '/api/runs?state=running&kind=work')).json;
  expect(running.items.map(({ id }: { id: string }) => id)).toEqual([runId]);
  expect((await viewer('POST', `/api/runs/${runId}/abort`)).json.code).toBe('auth.forbidden');
  await service.call('POST', `/api/runs/${runId}/abort`);
  await until(async () => (await service.call('GET', `/api/runs/${runId}`)).json.state === 'aborted');
  expect((await service.call('GET', `/api/runs/${runId}`)).json.fault.code).toBe('run.aborted');
  expect((await service.call('POST', `/api/runs/${runId}/abort`)).status).toBe(409);
  expect((await service.call('GET', `/api/runs/${runId}/log`)).json).toEqual({ items: [], nextCursor: null });
  const first = (await service.call('GET', '/api/runs?limit=1')).json;
  expect(first.items[0].id).toBe(runId);
  const second = (await service.call('GET', `/api/runs?limit=1&cursor=${first.nextCursor}`)).json;
  expect(second.items[0].id < runId).toBe(true);
  await service.call('DELETE', `/api/schedules/${json.id}`);
});

describe('calendars', () => {
  test('move the next instants of schedules at once, and cannot go while a schedule names them', async () => {
    const calendar = { name: 'office', weekend: ['friday', 'saturday'], holidays: [{ month: 1, day: 1 }] };
    const made = await service.call('POST', '/api/calendars', calendar);
    expect(made.json).toMatchObject({
      ...calendar,
      weekStart: 'monday',
      fiscalYearStart: 1,
      isDefault: false,
    });
    const daily = {
      ...NIGHTLY,
      name: 'daily',
      cron: '0 12 * * *',
      timezone: 'UTC',
      calendar: 'office',
      onHoliday: 'skip',
    };
    const schedule = (await service.call('POST', '/api/schedules', daily)).json;
    const days = schedule.next.map((at: string) => new Date(at).getUTCDay());
    expect(days).not.toContain(5);
    expect(days).toContain(0);
    const holiday = { date: schedule.next[0].slice(0, 10), name: 'Founding day' };
    await service.call('PATCH', '/api/calendars/office', { holidays: [holiday] });
    const after = (await service.call('GET', '/api/schedules/daily')).json;
    expect(after.nextAt).toBe(schedule.next[1]);
    expect((await service.call('DELETE', '/api/calendars/office')).json.code).toBe('resource.conflict');
    await service.call('DELETE', '/api/schedules/daily');
    expect((await service.call('DELETE', '/api/calendars/office')).status).toBe(204);
  });

  test('take holidays over from CSV and iCalendar, and say what they did not take', async () => {
    await service.call('POST', '/api/calendars', { name: 'imported' });
    const csv = 'date,name\n2026-12-25,Christmas\n2026-12-26;Boxing day\nsoon,Never\n';
    const ics = [
      'BEGIN:VCALENDAR',
      ...[
        'BEGIN:VEVENT',
        'DTSTART;VALUE=DATE:20260501',
        'DTEND;VALUE=DATE:20260503',
        'SUMMARY:Two days\\, l',
      ],
      ...[
        ' ong',
        'END:VEVENT',
        'BEGIN:VEVENT',
        'DTSTART;VALUE=DATE:20260704',
        'RRULE:FREQ=YEARLY',
        'END:VEVENT',
      ],
      ...['BEGIN:VEVENT', 'DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=WEEKLY', 'END:VEVENT', 'END:VCALENDAR'],
    ].join('\r\n');
    const first = await service.call('POST', '/api/calendars/imported/import', { format: 'csv', text: csv });
    expect(first.json).toMatchObject({ imported: 2, ignored: [{ line: 4 }] });
    const second = await service.call('POST', '/api/calendars/imported/import', { format: 'ics', text: ics });
    expect(second.json).toMatchObject({ imported: 3, ignored: [{ line: 12 }] });
    expect(second.json.calendar.holidays).toEqual([
      { date: '2026-12-25', name: 'Christmas' },
      { date: '2026-12-26', name: 'Boxing day' },
      { date: '2026-05-01', name: 'Two days, long' },
      { date: '2026-05-02', name: 'Two days, long' },
      { month: 7, day: 4 },
    ]);
  });
});

const BAD: [method: string, path: string, body: unknown, code: string, pointer: string | null][] = [
  ['POST', '/api/schedules', { ...NIGHTLY, cron: '99 * * * *' }, 'request.invalid', '/cron'],
  ['POST', '/api/schedules', { ...NIGHTLY, timezone: 'Nowhere' }, 'request.invalid', '/timezone'],
  ['POST', '/api/schedules', { ...NIGHTLY, job: { kind: 'x' } }, 'request.invalid', '/job/kind'],
  ['POST', '/api/schedules', { ...NIGHTLY, job: { kind: 'work', ms: -1 } }, 'request.invalid', '/job/ms'],
  ['POST', '/api/schedules', { ...NIGHTLY, job: { kind: 'work', ms: 1, x: 1 } }, 'request.invalid', '/job/x'],
  ['POST', '/api/schedules', { ...NIGHTLY, calendar: 'none' }, 'resource.notFound', '/calendar'],
  ['POST', '/api/schedules', { ...NIGHTLY, retries: 1 }, 'request.invalid', '/retries'],
  ['POST', '/api/schedules/preview', { cron: '0 9 * *' }, 'request.invalid', '/cron'],
  [
    'POST',
    '/api/calendars',
    { name: 'x', holidays: [{ date: '2026-02-30' }] },
    'request.invalid',
    '/holidays/0/date',
  ],
  [
    'POST',
    '/api/calendars',
    { name: 'x', holidays: [{ month: 4, day: 31 }] },
    'request.invalid',
    '/holidays/0/day',
  ],
  ['POST', '/api/calendars/none/import', { format: 'csv', text: 'x' }, 'request.invalid', '/text'],
  ['GET', '/api/runs/run_none', undefined, 'resource.notFound', null],
  ['GET', '/api/runs/run_none/log', undefined, 'resource.notFound', null],
  ['POST', '/api/runs/run_none/abort', undefined, 'resource.notFound', null],
  ['GET', '/api/runs?state=gone', undefined, 'request.invalid', '/state'],
  ['GET', '/api/schedules/none', undefined, 'resource.notFound', null],
  ['POST', '/api/schedules/none/run', undefined, 'resource.notFound', null],
  ['GET', '/api/live', undefined, 'request.invalid', null],
];
test.each(BAD)('%s %s %j: %s', async (method, path, body, code, pointer) => {
  const { json } = await service.call(method, path, body);
  expect(json).toMatchObject({ code, ...(pointer === null ? {} : { pointer }) });
});

test('a preview gives ten instants by the rule of daylight saving', async () => {
  const { json } = await service.call('POST', '/api/schedules/preview', {
    cron: '0 0 1 1 *',
    timezone: 'UTC',
  });
  expect(json.next).toHaveLength(10);
  expect(json.next[0]).toMatch(/^\d{4}-01-01T00:00:00\.000Z$/);
  expect((await viewer('POST', '/api/schedules', NIGHTLY)).json.code).toBe('auth.forbidden');
});

describe('live', () => {
  /** A connection whose messages are kept. */
  async function connect(url: string, headers: Record<string, string> = {}) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/live`, { headers } as never);
    // biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect of a message
    const heard: any[] = [];
    const closed = Promise.withResolvers<number>();
    socket.onmessage = ({ data }) => heard.push(JSON.parse(data));
    socket.onclose = ({ code }) => closed.resolve(code);
    await new Promise<void>((resolve) => {
      socket.onopen = () => resolve();
      socket.onerror = () => resolve();
    });
    const say = (message: unknown) => socket.send(JSON.stringify(message));
    return { heard, say, closed: closed.promise, [Symbol.dispose]: () => socket.close() };
  }
  const signIn = async () => {
    const body = JSON.stringify({ email: 'v@example.com', password: 'a viewer of things' });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${service.url}/api/auth/login`, { method: 'POST', headers, body });
    const cookie = answer.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    return { token: ((await answer.json()) as { token: string }).token, cookie };
  };

  test('tells of runs and datasets that another process changes', async () => {
    await using other = await openService(
      {
        METADATA_DB_PATH: join(service.folder, 'meta.sqlite'),
        DUCKDB_PATH: join(service.folder, 'local.duckdb'),
      },
      JOBS,
    );
    const { token } = await signIn();
    using live = await connect(other.url, { authorization: `Bearer ${token}` });
    await until(() => live.heard.some(({ type }) => type === 'ready'));
    const uploaded = (await service.upload('watched', 'a.csv', 'a\n1\n')).json;
    live.say({ type: 'subscribe', topics: ['runs', `dataset:${uploaded.id}`] });
    await until(() => live.heard.some(({ type, dataset }) => type === 'dataset' && dataset.generation === 1));
    const { json } = await service.call('POST', '/api/schedules', { ...NIGHTLY, name: 'told' });
    const { runId } = (await service.call('POST', `/api/schedules/${json.id}/run`)).json;
    const states = () => live.heard.filter(({ run }) => run?.id === runId).map(({ run }) => run.state);
    await until(() => states().includes('succeeded'));
    live.say({ type: 'subscribe', topics: [`run:${runId}`, 'run:run_none'] });
    await until(() => live.heard.some(({ type }) => type === 'error'));
    expect(live.heard.at(-1)).toMatchObject({ type: 'error', code: 'resource.notFound' });
    expect(live.heard.at(-2).run).toMatchObject({ id: runId, state: 'succeeded', fault: null });
    await service.call('DELETE', `/api/schedules/${json.id}`);
  });

  test('takes a token as first message; closes on a wrong one and before any', async () => {
    const { token } = await signIn();
    using right = await connect(service.url);
    right.say({ type: 'auth', token });
    await until(() => right.heard.some(({ type }) => type === 'ready'));
    right.say({ type: 'ping', more: 1 });
    await until(() => right.heard.length > 1);
    expect(right.heard.at(-1)).toMatchObject({ type: 'error', code: 'request.invalid', pointer: '/more' });
    using wrong = await connect(service.url);
    wrong.say({ type: 'auth', token: 'nonsense' });
    expect(await wrong.closed).toBe(4401);
    using hasty = await connect(service.url);
    hasty.say({ type: 'subscribe', topics: ['runs'] });
    expect(await hasty.closed).toBe(4401);
    expect(hasty.heard).toEqual([]);
  });

  test('a refusal is answered, counted and logged as any other', async () => {
    const headers = { upgrade: 'websocket', connection: 'Upgrade', authorization: 'Bearer nonsense' };
    const refused = await fetch(`${service.url}/api/live`, { headers });
    const { code, requestId } = (await refused.json()) as { code: string; requestId: string };
    expect([refused.status, code]).toEqual([401, 'auth.invalid']);
    expect(refused.headers.get('x-request-id')).toBe(requestId);
    expect(refused.headers.get('x-content-type-options')).toBe('nosniff');
    const lines = service.logged.map((line) => JSON.parse(line));
    expect(lines.find((line) => line.requestId === requestId)).toMatchObject({
      ...{ event: 'http.request', route: '/api/live', status: 401, code, address: '127.0.0.1' },
    });
    const line = 'http_requests_total{route="/api/live",method="GET",status="401"}';
    expect(await service.metric(line)).toBe(1);
  });

  test("takes a cookie of our own pages, not of another site's", async () => {
    const { cookie } = await signIn();
    using own = await connect(service.url, { cookie, origin: service.url });
    await until(() => own.heard.some(({ type }) => type === 'ready'));
    using outside = await connect(service.url, { cookie, origin: 'http://reports.example' });
    await until(() => outside.heard.some(({ type }) => type === 'ready'));
    using foreign = await connect(service.url, { cookie, origin: 'https://evil.example' });
    foreign.say({ type: 'ping' });
    expect(await foreign.closed).toBe(4401);
  });
});
