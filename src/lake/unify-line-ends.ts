import { open } from 'node:fs/promises';
import { readChunks } from './read-chunks.ts';

const LF = 10;
const CR = 13;

/** DuckDB reads a text with one kind of line end only. Copies a file with every line end as LF. */
export async function unifyLineEnds(from: string, to: string, signal: AbortSignal): Promise<void> {
  const output = await open(to, 'w', 0o600);
  let last = 0;
  try {
    for await (const chunk of readChunks(from, signal)) {
      const written = Buffer.allocUnsafe(chunk.length);
      let length = 0;
      for (const byte of chunk) {
        if (byte !== LF || last !== CR) written[length++] = byte === CR ? LF : byte;
        last = byte;
      }
      await output.writeFile(written.subarray(0, length));
    }
  } finally {
    await output.close();
  }
}
