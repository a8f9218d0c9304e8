import type { QuerySummary } from '../domain/query-result.ts';
import type { Answer } from './engine.ts';

/** The body of a JSON answer over rows, without what the front adds. */
export interface CollectedRows {
  columns: { name: string; type: string; label: string; format?: string }[];
  rows: unknown[][];
}

/** The body of a JSON answer, which is left open for what comes after its rows, and what is known at its end. */
export async function collectText(answer: Answer): Promise<{ text: string; summary: QuerySummary }> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of answer.chunks()) parts.push(chunk);
  const summary = await answer.done;
  return { text: Buffer.concat(parts).toString(), summary };
}

/** Reads an answer of the format `json` to its end. */
export async function collectRows(answer: Answer): Promise<CollectedRows> {
  const { text } = await collectText(answer);
  return JSON.parse(`${text}}`) as CollectedRows;
}
