import { aiFault } from './fault.ts';

/** The text of a body, at most `maxBytes` of it; the rest is not read. */
export async function textOf(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let read = 0;
  for await (const bytes of body) {
    const taken = bytes.subarray(0, maxBytes - read);
    read += taken.length;
    text += decoder.decode(taken, { stream: true });
    if (read >= maxBytes) break;
  }
  return text + decoder.decode();
}

/** The object that a JSON text is; `ai.badOutput` where it is none. */
function objectOf(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw aiFault('ai.badOutput'); // the parser's error quotes the text, which may hold anything
  }
  if (typeof value !== 'object' || value === null) throw aiFault('ai.badOutput');
  return value;
}

/** A JSON body. Throws `ai.badOutput`. */
export const jsonOf = async (body: AsyncIterable<Uint8Array>): Promise<object> =>
  objectOf(await textOf(body, Number.POSITIVE_INFINITY));

const MAX_LINE = 4 << 20;

/** The lines of a body, without their ends: CR, LF or both. What came of a line is looked at once. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let begun: string[] = [];
  let length = 0;
  let isAfterCr = false;
  for await (const bytes of body) {
    const decoded = decoder.decode(bytes, { stream: true });
    if (decoded === '') continue;
    const text: string = isAfterCr && decoded.startsWith('\n') ? decoded.slice(1) : decoded;
    isAfterCr = text.endsWith('\r');
    const lines = text.split(/\r\n|\n|\r/);
    const last = lines.pop()!;
    for (const line of lines) {
      yield begun.join('') + line;
      begun = [];
      length = 0;
    }
    begun.push(last);
    length += last.length;
    if (length > MAX_LINE) throw aiFault('ai.badOutput');
  }
  const rest = begun.join('');
  if (rest !== '') yield rest;
}

/** The data of server-sent events as JSON, until `[DONE]` or the end. Comments and other fields are passed over (WHATWG HTML, 9.2). */
export async function* eventsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<object, void> {
  let data: string[] = [];
  const parse = () => {
    const text = data.join('\n');
    data = [];
    return objectOf(text);
  };
  for await (const line of linesOf(body)) {
    if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
    else if (line === '' && data.length > 0) {
      if (data[0] === '[DONE]') return;
      yield parse();
    }
  }
  if (data.length === 0 || data[0] === '[DONE]') return;
  // Some servers leave the last line end out; else the stream broke off within an event.
  let last: object;
  try {
    last = parse();
  } catch (cause) {
    throw aiFault('ai.unavailable', { cause });
  }
  yield last;
}
