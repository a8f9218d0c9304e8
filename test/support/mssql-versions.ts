/** What SQL Server has only since 2019 or 2022; statements must run on 2017. */
export const NEWER_THAN_2017 = new RegExp(
  [
    String.raw`\bIS\s+(?:NOT\s+)?DISTINCT\s+FROM\b`,
    String.raw`\b(?:DATETRUNC|DATE_BUCKET|GREATEST|LEAST|GENERATE_SERIES|APPROX_COUNT_DISTINCT|APPROX_PERCENTILE_\w+)\s*\(`,
    String.raw`\bTRIM\s*\(\s*(?:LEADING|TRAILING|BOTH)\b`,
    String.raw`\b(?:JSON_OBJECT|JSON_ARRAY|ISJSON_\w+|LEFT_SHIFT|RIGHT_SHIFT|BIT_COUNT)\s*\(`,
    String.raw`\bWINDOW\s+\w+\s+AS\s*\(`,
  ].join('|'),
  'i',
);
