const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** Reads the text of one field of a JSON object while the object is still being written. Words before the object are passed over. */
export class JsonTextField {
  #depth = 0;
  /** The string that is being read: a name at depth one, the wanted text, or any other. */
  #string: 'none' | 'name' | 'wanted' | 'other' = 'none';
  #escape = '';
  #name = '';
  #isValue = false;
  /** The first half of a pair, which is given with the second. */
  #half = '';

  constructor(readonly field: string) {}

  /** What the piece adds to the text. */
  push(piece: string): string {
    let text = this.#half;
    this.#half = '';
    for (const unit of piece.split(''))
      text += this.#string === 'none' ? this.#outside(unit) : this.#inside(unit);
    if (/[\ud800-\udbff]$/.test(text)) {
      this.#half = text.slice(-1);
      text = text.slice(0, -1);
    }
    return text;
  }

  #outside(unit: string): string {
    if (unit === '{' || unit === '[') this.#depth++;
    else if (unit === '}' || unit === ']') this.#depth--;
    else if (this.#depth === 1 && unit === ':') this.#isValue = true;
    else if (this.#depth === 1 && unit === ',') this.#isValue = false;
    else if (unit === '"' && this.#depth > 0) this.#open();
    if (unit === '{' && this.#depth === 1) this.#isValue = false;
    return '';
  }

  #open(): void {
    const isTop = this.#depth === 1;
    if (isTop && !this.#isValue) {
      this.#name = '';
      this.#string = 'name';
    } else this.#string = isTop && this.#name === this.field ? 'wanted' : 'other';
  }

  #inside(unit: string): string {
    const read = this.#decoded(unit);
    if (read === undefined) {
      this.#string = 'none';
      return '';
    }
    if (this.#string === 'name') this.#name += read;
    return this.#string === 'wanted' ? read : '';
  }

  /** What the unit adds to the string: nothing inside of an escape; undefined at the end. */
  #decoded(unit: string): string | undefined {
    if (this.#escape === '') {
      if (unit === '"') return undefined;
      if (unit !== '\\') return unit;
      this.#escape = unit;
      return '';
    }
    this.#escape += unit;
    const isCode = this.#escape[1] === 'u';
    if (isCode && this.#escape.length < 6) return '';
    const read = isCode
      ? String.fromCharCode(Number.parseInt(this.#escape.slice(2), 16))
      : (ESCAPES[unit] ?? unit);
    this.#escape = '';
    return read;
  }
}
