import { expect, test } from 'bun:test';
import { systemClock } from '../../../src/base/clock.ts';
import { AppError } from '../../../src/base/errors.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { LiveClient } from '../../../src/http/live-client.ts';
import { Audit } from '../../../src/services/audit.ts';
import { LiveFeed } from '../../../src/services/live-feed.ts';
import { Runs } from '../../../src/services/runs.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { aRun, openMetadata } from '../../support/jobs/processes.ts';
import { until } from '../../support/service-kit.ts';

const READER: Principal = {
  userId: 'usr_1',
  role: 'viewer',
  scopes: ['read'],
  via: { kind: 'key', id: 'key_1' },
};

/** A client over real metadata, at a socket whose reading the test decides. */
async function connect(stack: AsyncDisposableStack, principal: Principal = READER) {
  const { store } = stack.use(await openMetadata());
  const runs = new Runs({ store, audit: new Audit(store, systemClock), clock: systemClock });
  const feed = new LiveFeed({ store, runs, log: silentLog, everyMs: 5 });
  const state = {
    buffered: 0,
    isSignedIn: true,
    dropped: [] as string[],
    sent: [] as string[],
    ends: [] as unknown[],
  };
  const deps = {
    ...{ feed, log: silentLog, maxBufferBytes: 1000, turn: () => undefined },
    async authenticate() {
      if (!state.isSignedIn) throw new AppError('auth.invalid', 'Revoked');
      return principal;
    },
    dropped: (reason: string) => state.dropped.push(reason),
  };
  const credentials = { method: 'GET', address: '203.0.113.1', authorization: 'Bearer x' };
  const client = new LiveClient(deps, '203.0.113.1', { principal, credentials });
  stack.defer(() => client.closed());
  await client.open({
    send: (text) => state.sent.push(text),
    getBufferedAmount: () => state.buffered,
    close: (code) => state.ends.push(code),
    terminate: () => state.ends.push('terminated'),
  });
  const say = (message: unknown) => client.hear(JSON.stringify(message));
  return {
    ...{ client, runs, store, state, say },
    types: () => state.sent.map((text) => JSON.parse(text).type),
  };
}

test('a client that does not read is dropped, with a code, once, and hears no more', async () => {
  await using stack = new AsyncDisposableStack();
  const { runs, state, say } = await connect(stack);
  say({ type: 'subscribe', topics: ['runs'] });
  await until(() => state.sent.length === 2);
  state.buffered = 1001;
  await runs.enqueue(aRun('x'));
  await until(() => state.ends.length > 0);
  const { length } = state.sent;
  await runs.enqueue(aRun('x'));
  expect(state).toMatchObject({ ends: [4408, 'terminated'], dropped: ['slow'] });
  expect(state.sent).toHaveLength(length);
});

test('a client whose sign-in is over is closed at the next heartbeat', async () => {
  await using stack = new AsyncDisposableStack();
  const { client, state, types } = await connect(stack);
  await client.beat('now');
  expect(types()).toEqual(['ready', 'heartbeat']);
  state.isSignedIn = false;
  await client.beat('later');
  expect(state).toMatchObject({ ends: [4401], dropped: ['rights'] });
});

test('one who may not read is closed', async () => {
  await using stack = new AsyncDisposableStack();
  const { state } = await connect(stack, { ...READER, scopes: [] });
  expect(state).toMatchObject({ ends: [4403], sent: [] });
});

test('the log of a run comes whole and in order, before and after subscribing; topics have a limit', async () => {
  await using stack = new AsyncDisposableStack();
  const { store, runs, state, say, types } = await connect(stack);
  const id = await runs.enqueue(aRun('x'));
  const at = new Date().toISOString();
  const [{ claim } = { claim: undefined }] = await store.runClaims.claim({
    kinds: ['x'],
    by: 'p',
    at,
    most: 1,
  });
  const progress = { phase: 'read', rows: 1, bytes: null, expectedRows: 2 };
  const line = (text: string) => ({ at, level: 'info' as const, text, facts: null });
  const many = Array.from({ length: 450 }, (_, i) => line(`line ${i + 1}`));
  await store.runClaims.note(claim!, { progress, lines: many }, 1000);
  say({ type: 'subscribe', topics: [`run:${id}`] });
  const lines = () =>
    state.sent
      .map((text) => JSON.parse(text))
      .flatMap((message) => (message.type === 'log' ? message.lines : []));
  await until(() => lines().length === 450);
  await store.runClaims.note(claim!, { progress, lines: [line('line 451')] }, 1000);
  await until(() => lines().length === 451);
  expect(lines().map(({ text }) => text)).toEqual([...many.map(({ text }) => text), 'line 451']);
  say({ type: 'subscribe', topics: Array.from({ length: 100 }, (_, i) => `dataset:dst_${i}`) });
  await until(() => types().at(-1) === 'error');
  expect(JSON.parse(state.sent.at(-1)!)).toMatchObject({ code: 'request.invalid' });
});
