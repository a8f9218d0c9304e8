/** What gives a CSV text its structure. An empty quote or comment is none; `escape` equals `quote` where quotes are doubled. */
export interface Syntax {
  delimiter: string;
  quote: string;
  escape: string;
  comment: string;
}

export interface Field {
  text: string;
  quoted: boolean;
}

/** Why a record cannot be split: its quote stays open, goes on after it was closed, or the record is too long to be held. */
export type Fault = 'open' | 'afterQuote' | 'tooLong';

export interface CsvRecord {
  fields: Field[];
  /** Lines of the text, from 1. */
  line: number;
  lastLine: number;
  raw: string;
  /** The line end after it; empty at the end of the file. */
  end: string;
  fault?: Fault | undefined;
}

export const MAX_RECORD = 2_000_000;

const LF = 10;
const CR = 13;
const SPACE = 32;

/** Where the parser stands: before a field, in one, in quotes, after a closing quote, in a line that is no record. */
type State = 'start' | 'plain' | 'quoted' | 'closed' | 'ignored';

const isLineEnd = (code: number) => code === LF || code === CR;

/**
 * Splits a CSV text that comes in pieces into records, blank lines included. Any mixture of LF, CRLF and CR ends a record. A quote opens at
 * the start of a field only (spaces may stand before it), so `5" pipe` is a text. An escape outside quotes counts only before a delimiter,
 * a quote, an escape or a line end.
 */
export class RecordParser {
  readonly #quote: number;
  readonly #escape: number;
  readonly #delimiter: number;
  readonly #comment: number;
  /** Characters after a position that decide what stands there. */
  readonly #lookahead: number;
  #held = '';
  #state: State;
  #skip: number;
  #line = 1;
  #firstLine = 1;
  #raw = '';
  #fault: Fault | undefined;
  #fields: Field[] = [];
  #text = '';
  #quoted = false;
  /** Where the part of the field and of the record begins that is not kept yet. */
  #from = 0;
  #rawFrom = 0;

  constructor(
    readonly syntax: Syntax,
    skipLines: number,
    readonly onRecord: (record: CsvRecord) => void,
  ) {
    const { delimiter, quote, escape: mark, comment } = syntax;
    const first = (text: string) => (text === '' ? -1 : text.charCodeAt(0));
    this.#quote = first(quote);
    this.#escape = mark === quote ? -1 : first(mark);
    this.#delimiter = first(delimiter);
    this.#comment = first(comment);
    const longest = Math.max(delimiter.length, quote.length, mark.length, comment.length, 2);
    this.#lookahead = 2 * longest;
    this.#skip = skipLines;
    this.#state = skipLines > 0 ? 'ignored' : 'start';
  }

  write(chunk: string): void {
    const text = this.#held + chunk;
    this.#run(text, text.length - this.#lookahead);
  }

  end(): void {
    this.#run(this.#held, this.#held.length);
    if (this.#state === 'ignored' || this.#raw === '') return;
    if (this.#state === 'quoted') this.#fault ??= 'open';
    this.#endRecord(/[\r\n]$/.test(this.#raw) ? this.#line - 1 : this.#line, '');
  }

  #run(text: string, limit: number): void {
    let at = 0;
    this.#from = 0;
    this.#rawFrom = 0;
    while (at < limit) {
      if (isLineEnd(text.charCodeAt(at))) at = this.#lineEnd(text, at);
      else if (this.#state === 'quoted') at = this.#inQuotes(text, at, limit);
      else if (this.#state === 'closed') at = this.#afterQuotes(text, at, limit);
      else if (this.#state === 'ignored') at = nextLineEnd(text, at, limit);
      else at = this.#outside(text, at, limit);
    }
    if (this.#state !== 'ignored') {
      if (this.#state !== 'closed') this.#take(text, at);
      this.#keepRaw(text, at);
    }
    this.#held = text.slice(at);
  }

  #lineEnd(text: string, at: number): number {
    const next = at + (text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF ? 2 : 1);
    this.#line++;
    if (this.#state === 'quoted') return next;
    if (this.#state === 'ignored') this.#skip = Math.max(0, this.#skip - 1);
    else {
      if (this.#state !== 'closed') this.#take(text, at);
      this.#keepRaw(text, at);
      this.#endRecord(this.#line - 1, text.slice(at, next));
    }
    this.#state = this.#skip > 0 ? 'ignored' : 'start';
    this.#firstLine = this.#line;
    this.#from = next;
    this.#rawFrom = next;
    return next;
  }

  #outside(text: string, start: number, limit: number): number {
    const { delimiter, quote, comment } = this.syntax;
    let at = start;
    while (at < limit) {
      const code = text.charCodeAt(at);
      if (isLineEnd(code)) return at;
      if (code === this.#delimiter && text.startsWith(delimiter, at)) {
        this.#take(text, at);
        this.#endField();
        at += delimiter.length;
        this.#from = at;
        continue;
      }
      const escaped = code === this.#escape ? this.#escapedLength(text, at) : 0;
      if (escaped > 0) {
        this.#take(text, at);
        this.#from = at + this.syntax.escape.length;
        if (isLineEnd(text.charCodeAt(this.#from))) this.#line++;
        at = this.#from + escaped;
        this.#state = 'plain';
        continue;
      }
      if (this.#state === 'start') {
        const isFirst = at === this.#rawFrom && this.#raw === '';
        if (isFirst && code === this.#comment && text.startsWith(comment, at)) {
          this.#state = 'ignored';
          return at;
        }
        if (code === this.#quote && text.startsWith(quote, at)) {
          this.#text = '';
          this.#quoted = true;
          this.#state = 'quoted';
          this.#from = at + quote.length;
          return this.#from;
        }
        if (code !== SPACE) this.#state = 'plain';
      }
      at++;
    }
    return at;
  }

  #inQuotes(text: string, start: number, limit: number): number {
    const { quote, escape: mark } = this.syntax;
    let at = start;
    while (at < limit) {
      const code = text.charCodeAt(at);
      if (isLineEnd(code)) return at;
      if (code === this.#escape && this.#escapesInQuotes(text, at)) {
        this.#take(text, at);
        this.#from = at + mark.length;
        at = this.#from + (text.startsWith(quote, this.#from) ? quote.length : mark.length);
      } else if (code === this.#quote && text.startsWith(quote, at)) {
        this.#take(text, at);
        this.#from = at + quote.length;
        if (!text.startsWith(quote, this.#from)) {
          this.#state = 'closed';
          return this.#from;
        }
        at = this.#from + quote.length;
      } else at++;
    }
    return at;
  }

  #afterQuotes(text: string, start: number, limit: number): number {
    let at = start;
    while (at < limit && text.charCodeAt(at) === SPACE) at++;
    this.#from = at;
    if (at >= limit || isLineEnd(text.charCodeAt(at))) return at;
    if (text.startsWith(this.syntax.delimiter, at)) {
      this.#endField();
      this.#from = at + this.syntax.delimiter.length;
      return this.#from;
    }
    this.#fault ??= 'afterQuote';
    this.#state = 'plain';
    return at;
  }

  /** The length of what follows an escape outside quotes; 0 where the escape is a character like any other. */
  #escapedLength(text: string, at: number): number {
    const { escape: mark, delimiter, quote } = this.syntax;
    if (!text.startsWith(mark, at)) return 0;
    const next = at + mark.length;
    for (const token of [delimiter, quote, mark, '\r\n', '\n', '\r'])
      if (token !== '' && text.startsWith(token, next)) return token.length;
    return 0;
  }

  #escapesInQuotes(text: string, at: number): boolean {
    const { escape: mark, quote } = this.syntax;
    const next = at + mark.length;
    return text.startsWith(mark, at) && (text.startsWith(quote, next) || text.startsWith(mark, next));
  }

  #take(text: string, end: number): void {
    if (this.#fault !== 'tooLong') this.#text += text.slice(this.#from, end);
  }

  #keepRaw(text: string, end: number): void {
    if (this.#fault === 'tooLong') return;
    this.#raw += text.slice(this.#rawFrom, end);
    if (this.#raw.length <= MAX_RECORD) return;
    this.#fault = 'tooLong';
    this.#raw = this.#raw.slice(0, MAX_RECORD);
    this.#text = '';
  }

  #endField(): void {
    if (this.#fault !== 'tooLong') this.#fields.push({ text: this.#text, quoted: this.#quoted });
    this.#text = '';
    this.#quoted = false;
    this.#state = 'start';
  }

  #endRecord(lastLine: number, end: string): void {
    this.#endField();
    this.onRecord({
      fields: this.#fields,
      line: this.#firstLine,
      lastLine,
      raw: this.#raw,
      end,
      fault: this.#fault,
    });
    this.#fields = [];
    this.#raw = '';
    this.#fault = undefined;
  }
}

function nextLineEnd(text: string, start: number, limit: number): number {
  let at = start;
  while (at < limit && !isLineEnd(text.charCodeAt(at))) at++;
  return at;
}

export const isBlank = ({ fields, fault }: CsvRecord): boolean =>
  fault === undefined && fields.length === 1 && !fields[0]!.quoted && fields[0]!.text.trim() === '';
