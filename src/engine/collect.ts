import type { Answer } from './engine.ts';

/** The body of a JSON answer over rows, without what the front adds. */
export interface CollectedRows {
  columns: { name: string; type: string; label: string; format?: string }[];
  rows: unknown[][];
}

/** Reads an answer of the format `json` to its end. */
export async function collectRows(answer: Answer): Promise<CollectedRows> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of answer.chunks()) parts.push(chunk);
  await answer.done;
  return JSON.parse(`${Buffer.concat(parts).toString()}}`) as CollectedRows;
}
