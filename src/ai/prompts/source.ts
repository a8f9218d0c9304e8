/** What a model is told of a source: names and types; rows only where an administrator allows it. */
export interface SourceBrief {
  name: string;
  fields: readonly { name: string; type: string; label?: string; description?: string }[];
  measures: readonly { name: string; label?: string; description?: string }[];
  sample?: { columns: readonly string[]; rows: readonly (readonly unknown[])[] };
}

const MAX_CELL = 200;

const short = (value: unknown) =>
  typeof value === 'string' && value.length > MAX_CELL ? `${value.slice(0, MAX_CELL)}…` : value;

/** A fenced block of data. JSON keeps quotes and line ends of names and values from ending the block. */
export const dataBlock = (title: string, value: unknown): string =>
  `${title}:\n\`\`\`json\n${JSON.stringify(value).replaceAll('`', '\\u0060')}\n\`\`\``;

export function sourceBlock({ sample, ...names }: SourceBrief): string {
  const rows = sample && { columns: sample.columns, rows: sample.rows.map((row) => row.map(short)) };
  return [dataBlock('The source', names), ...(rows ? [dataBlock('Some of its rows', rows)] : [])].join(
    '\n\n',
  );
}
