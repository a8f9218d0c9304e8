/** What an upload says of a column that it read: a code, the column, what was seen, and the remedy. */
export const columnWarning = (code: string, column: string, seen: string, remedy: string) =>
  `${code}: column ${JSON.stringify(column)} ${seen}. ${remedy}`;
