export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
export const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;
export const list = (texts: readonly string[]) => `[${texts.map(literal).join(', ')}]`;
