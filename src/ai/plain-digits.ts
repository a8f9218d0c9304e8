const DIGIT = /\p{Nd}/u;

/** Blocks of digits begin at a code that ends on 0 or on 6 (Unicode 16, outside of the supplementary planes). */
function digitOf(code: number): number {
  const row = code & ~15;
  return DIGIT.test(String.fromCharCode(row)) ? code - row : code - row - 6;
}

/** The text with digits of every script, and the wide forms of signs, as ASCII has them: as long as it was, so that places in it stay. */
export const plainDigits = (text: string): string =>
  text
    .replace(/[^\P{Nd}0-9]/gu, (digit) => (digit.length === 1 ? String(digitOf(digit.charCodeAt(0))) : digit))
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0));
