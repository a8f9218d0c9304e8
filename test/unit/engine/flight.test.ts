import { describe, expect, test } from 'bun:test';
import { AppError } from '../../../src/base/errors.ts';
import type { QuerySummary } from '../../../src/domain/query-result.ts';
import { Flight, type Follower } from '../../../src/engine/flight.ts';

const summary: QuerySummary = { rowCount: 1, cutBy: [], resultHash: 'h', bytes: 2, elapsedMs: 1 };
const bytes = (text: string) => new TextEncoder().encode(text);

async function read(follower: Follower): Promise<string> {
  let text = '';
  for await (const chunk of follower.chunks()) text += new TextDecoder().decode(chunk);
  return text;
}

/** A flight whose work the test moves on by hand. */
function steered(keep: boolean) {
  const end = Promise.withResolvers<QuerySummary>();
  const handed: { push?: (chunk: Uint8Array<ArrayBuffer>) => Promise<void>; signal?: AbortSignal } = {};
  const flight = new Flight(keep, (signal, push) => {
    Object.assign(handed, { push, signal });
    signal.addEventListener('abort', () => end.reject(signal.reason));
    return end.promise;
  });
  return { flight, end, push: handed.push!, signal: handed.signal! };
}

describe('a flight', () => {
  test('gives each reader the whole body, however late it joins', async () => {
    const { flight, end, push } = steered(true);
    const early = read(flight.follow());
    await push(bytes('a'));
    await push(bytes('b'));
    const late = read(flight.follow());
    await push(bytes('c'));
    end.resolve(summary);
    expect(await Promise.all([early, late, read(flight.follow())])).toEqual(['abc', 'abc', 'abc']);
    expect(flight.kept()?.length).toBe(3);
  });

  test('goes on while one reader is left and ends when the last has gone', async () => {
    const { flight, signal } = steered(true);
    const one = flight.follow();
    const two = flight.follow();
    one.leave();
    one.leave();
    expect(signal.aborted).toBe(false);
    two.leave();
    expect(signal.aborted).toBe(true);
    expect(await flight.done.catch((error) => error.code)).toBe('query.cancelled');
  });

  test('hands its error to all readers, whether they have begun or not', async () => {
    const { flight, end, push } = steered(true);
    const begun = flight.follow();
    await push(bytes('a'));
    const chunks = begun.chunks();
    expect((await chunks.next()).value).toEqual(bytes('a'));
    end.reject(new AppError('query.failed', 'no'));
    expect(await chunks.next().catch((error) => error.code)).toBe('query.failed');
    expect(await flight.follow().started.catch((error) => error.code)).toBe('query.failed');
    expect(await read(flight.follow()).catch((error) => error.code)).toBe('query.failed');
  });

  test('holds its worker up while its one reader is behind, unless chunks are kept', async () => {
    const { flight, end, push } = steered(false);
    const follower = flight.follow();
    let pushed = 0;
    const pushing = (async () => {
      for (let i = 0; i < 10; i++) {
        await push(bytes(String(i)));
        pushed++;
      }
      end.resolve(summary);
    })();
    await follower.started;
    await Promise.resolve();
    expect(pushed).toBeLessThan(5);
    expect(await read(follower)).toBe('0123456789');
    await pushing;
    expect(flight.kept()).toBeUndefined();
  });
});
