import type { AiProviderName } from '../../../src/domain/ai.ts';
import { requestFaults } from './request-faults.ts';
import { json, type Seen, type WireServer, wireServer } from './wire-server.ts';

/** A server that refuses what the provider's would refuse. A refusal fails the test, at the latest when the server ends. */
export function strictServer(
  provider: AiProviderName,
  answer: (seen: Seen, count: number) => Response | Promise<Response>,
): WireServer {
  const refused: string[] = [];
  const server = wireServer((seen, count) => {
    const faults = requestFaults(provider, seen);
    refused.push(...faults);
    return faults.length > 0 ? json({ error: { message: faults.join('; ') } }, 400) : answer(seen, count);
  });
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      if (refused.length > 0)
        throw new Error(`${provider} would refuse: ${[...new Set(refused)].join('; ')}`);
    },
  };
}
