import type { AiPost } from '../../../src/ai/provider.ts';

async function* bytesOf(response: Response): AsyncGenerator<Uint8Array, void> {
  if (response.body) yield* response.body as AsyncIterable<Uint8Array>;
}

/** Posts with fetch, for servers of a test. */
export const plainPost: AiPost = async (url, { headers, body, signal }) => {
  const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
  return { status: response.status, headers: response.headers, body: bytesOf(response) };
};
