/** A number given in decimal notation, exactly: its shortest plain text and the digits before and behind the point. */
export interface ExactNumber {
  text: string;
  precision: number;
  scale: number;
}

const NUMBER = /^([+-]?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i;

/** Undefined when the text is no number. `1.50e1` gives `15`. */
export function exactNumber(given: string): ExactNumber | undefined {
  const [, sign, whole, fraction = '', exponent = '0'] = NUMBER.exec(given) ?? [];
  if (whole === undefined) return undefined;
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  const before = digits.slice(0, Math.max(point, 0)).padEnd(point, '0').replace(/^0+/, '');
  const behind = ('0'.repeat(Math.max(-point, 0)) + digits.slice(Math.max(point, 0))).replace(/0+$/, '');
  const negative = sign === '-' && (before !== '' || behind !== '');
  return {
    text: `${negative ? '-' : ''}${before || '0'}${behind ? `.${behind}` : ''}`,
    precision: Math.max(before.length + behind.length, 1),
    scale: behind.length,
  };
}
