import { afterAll, afterEach, beforeAll, describe, setDefaultTimeout } from 'bun:test';
import { connecting } from './connecting.ts';
import { Bench, type ContractEngine } from './contract-engine.ts';
import { introspection } from './introspection.ts';
import { pooling } from './pooling.ts';
import { running } from './running.ts';
import { types } from './types.ts';

/** Everything that a driver must do, on a server of its own. */
export function describeDriver(engine: ContractEngine): void {
  setDefaultTimeout(60_000);
  describe(engine.name, () => {
    let bench: Bench;
    beforeAll(async () => {
      const server = await engine.start();
      bench = new Bench(engine, server);
      engine.setUp(server);
    });
    afterEach(() => bench.closeAll());
    afterAll(() => bench.server[Symbol.asyncDispose]());
    const current = () => bench;
    describe('connecting', () => connecting(current));
    describe('running', () => running(current));
    describe('types', () => types(current));
    describe('introspection', () => introspection(current));
    describe('pooling', () => pooling(current));
  });
}
