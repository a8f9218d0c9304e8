/** A literal, not a parameter: engines plan for the first rows only where they see their number (DuckDB 1.5, PostgreSQL). */
export const wholeNumber = (value: number) =>
  String(BigInt(Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER)));
