import { ElysiaCustomStatusResponse, StatusMap } from 'elysia';

type Status = number | keyof typeof StatusMap | undefined;

const numeric = (status: Status) => (typeof status === 'string' ? StatusMap[status] : status);

/** A handler's plain value as a JSON answer of known length; undefined leaves the value to Elysia. */
export function jsonAnswer(value: unknown, setStatus: Status): Response | undefined {
  const custom = value instanceof ElysiaCustomStatusResponse;
  const content: unknown = custom ? value.response : value;
  const status = numeric(custom ? (value.code as number) : setStatus) ?? 200;
  if (content === null || typeof content !== 'object') return undefined;
  if (content instanceof Response || content instanceof Blob || content instanceof ReadableStream)
    return undefined;
  if (ArrayBuffer.isView(content) || Symbol.asyncIterator in content) return undefined;
  const bytes = Buffer.from(JSON.stringify(content));
  const headers = { 'content-type': 'application/json', 'content-length': String(bytes.length) };
  return new Response(bytes, { status, headers });
}
