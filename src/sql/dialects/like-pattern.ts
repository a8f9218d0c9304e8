/** Escapes what has a meaning in LIKE patterns, so that the text stands for itself. */
export const literalPattern = (text: string, mark: string, special: string): string =>
  [...text].map((char) => (char === mark || special.includes(char) ? mark + char : char)).join('');

/** A pattern of the language (`%`, `_`, escaped by a backslash) in the spelling of an engine with another mark and more special characters. */
export function likePattern(pattern: string, mark: string, special: string): string {
  const chars = [...pattern];
  const out: string[] = [];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!;
    if (char === '\\') {
      i += 1;
      out.push(literalPattern(chars[i] ?? '', mark, special));
    } else if (char === '%' || char === '_') out.push(char);
    else out.push(literalPattern(char, mark, special));
  }
  return out.join('');
}
