import { readChunks } from '../read-chunks.ts';

/** What a scan of all bytes says of a file. */
export interface Survey {
  /** Records with the heading, without blank lines. Not complete where the file is not plain. */
  records: number;
  blankLines: number;
  /**
   * One kind of line end, quotes only around whole fields and doubled within, headings on one line, no blank line before them: nothing in
   * which readers of CSV differ.
   */
  isPlain: boolean;
  lineEnd: LineEnd;
}

const LF = 10;
const CR = 13;
export type LineEnd = 'lf' | 'crlf' | 'cr';

/** Counts records without splitting them; stops at the first thing that is not plain. */
export class Surveyor {
  records = 0;
  blankLines = 0;
  isPlain = true;
  #inside = false;
  lineEnd: LineEnd | undefined;
  #last = LF;
  /** Bytes of the open record in the chunks before. */
  #before = 0;
  readonly #special = new Uint8Array(256);

  /** `quote` is -1 where the file has none. */
  constructor(
    readonly delimiter: number,
    readonly quote: number,
  ) {
    this.#special[LF] = 1;
    this.#special[CR] = 1;
    if (quote >= 0) this.#special[quote] = 1;
  }

  /** Gives the bytes at the end that only the next chunk explains. */
  write(chunk: Buffer, isLast: boolean): Buffer {
    const last = chunk[chunk.length - 1];
    const isOpen = !isLast && (last === CR || last === this.quote);
    const end = isOpen ? chunk.length - 1 : chunk.length;
    const hasQuotes = this.#inside || (this.quote >= 0 && chunk.includes(this.quote));
    const isSimple = !hasQuotes && (this.lineEnd === 'lf' || this.lineEnd === 'crlf');
    const done = isSimple ? this.#countLines(chunk, end) : this.#countRecords(chunk, end);
    if (done > 0) this.#last = chunk[done - 1]!;
    return Buffer.from(chunk.subarray(done));
  }

  end(): void {
    if (this.#before > 0) this.records++;
    if (this.#inside) this.isPlain = false;
  }

  #countLines(chunk: Buffer, end: number): number {
    const isCrLf = this.lineEnd === 'crlf';
    let start = -this.#before;
    let from = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      if (isCrLf && (at === 0 || chunk.indexOf(CR, from) !== at - 1)) this.isPlain = false;
      this.#endRecord(this.lineEnd!, at - start - (isCrLf ? 1 : 0));
      from = at + 1;
      start = from;
    }
    const stray = chunk.indexOf(CR, isCrLf ? from : 0);
    if (stray >= 0 && stray < end) this.isPlain = false;
    this.#before = end - start;
    return end;
  }

  #countRecords(chunk: Buffer, end: number): number {
    const { quote, delimiter } = this;
    const special = this.#special;
    let start = -this.#before;
    let at = 0;
    while (at < end && this.isPlain) {
      if (this.#inside) {
        at = this.#closingQuote(chunk, at, end);
        continue;
      }
      while (at < end && special[chunk[at]!] === 0) at++;
      if (at >= end) break;
      const byte = chunk[at]!;
      if (byte === quote) {
        const previous = at > 0 ? chunk[at - 1]! : this.#last;
        if (at !== start && previous !== delimiter) this.isPlain = false;
        this.#inside = true;
        at++;
        continue;
      }
      const kind: LineEnd = byte === LF ? 'lf' : chunk[at + 1] === LF ? 'crlf' : 'cr';
      this.#endRecord(kind, at - start);
      at += kind === 'crlf' ? 2 : 1;
      start = at;
    }
    this.#before = at - start;
    return at;
  }

  /** Goes on within quotes; leaves them where they end. */
  #closingQuote(chunk: Buffer, from: number, end: number): number {
    const { quote } = this;
    let at = from;
    while (at < end && chunk[at] !== quote) {
      if (this.records === 0 && (chunk[at] === LF || chunk[at] === CR)) this.isPlain = false;
      at++;
    }
    if (at >= end) return at;
    if (chunk[at + 1] === quote) return at + 2;
    this.#inside = false;
    const next = chunk[at + 1];
    if (next !== undefined && next !== this.delimiter && next !== LF && next !== CR) this.isPlain = false;
    return at + 1;
  }

  #endRecord(kind: LineEnd, length: number): void {
    this.lineEnd ??= kind;
    if (kind !== this.lineEnd) this.isPlain = false;
    if (length > 0) this.records++;
    else if (this.records === 0) this.isPlain = false;
    else this.blankLines++;
  }
}

const BOM = [0xef, 0xbb, 0xbf];

/** Scans a file whose quotes, if any, are doubled. */
export async function surveyCsv(
  path: string,
  delimiter: string,
  quote: string,
  signal: AbortSignal,
): Promise<Survey> {
  const surveyor = new Surveyor(delimiter.charCodeAt(0), quote === '' ? -1 : quote.charCodeAt(0));
  let held = Buffer.alloc(0);
  let isFirst = true;
  for await (const read of readChunks(path, signal)) {
    const chunk = isFirst && BOM.every((byte, index) => read[index] === byte) ? read.subarray(3) : read;
    isFirst = false;
    held = surveyor.write(held.length > 0 ? Buffer.concat([held, chunk]) : chunk, false) as typeof held;
    if (!surveyor.isPlain) break;
  }
  if (surveyor.isPlain) {
    surveyor.write(held, true);
    surveyor.end();
  }
  const { records, blankLines, isPlain, lineEnd = 'lf' } = surveyor;
  return { records, blankLines, isPlain, lineEnd };
}
