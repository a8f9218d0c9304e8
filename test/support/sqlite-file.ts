import { Database as Sqlite } from 'bun:sqlite';

/** Asks a SQLite file by a connection of its own: a row a line, columns by `|`. */
export const lookInto =
  (path: string) =>
  (query: string): string[] => {
    const sqlite = new Sqlite(path, { readonly: true });
    try {
      const rows = sqlite.query(query).values();
      return rows.map((row) => row.map((value) => value ?? '').join('|'));
    } finally {
      sqlite.close();
    }
  };
