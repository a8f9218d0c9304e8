interface BriefField {
  name: string;
  label?: string;
  description?: string;
  synonyms?: readonly string[];
}

/** What a model is told of a source: names, types and what people wrote about them; rows only where an administrator allows it. */
export interface SourceBrief {
  name: string;
  description?: string;
  fields: readonly (BriefField & { type: string })[];
  measures: readonly BriefField[];
  sample?: { columns: readonly string[]; rows: readonly (readonly unknown[])[] };
}

const MAX_CELL = 200;

const short = (value: unknown) =>
  typeof value === 'string' && value.length > MAX_CELL ? `${value.slice(0, MAX_CELL)}…` : value;

/** A fenced block of data. JSON keeps quotes and line ends of names and values from ending the block. */
export const dataBlock = (title: string, value: unknown): string =>
  `${title}:\n\`\`\`json\n${JSON.stringify(value).replaceAll('`', '\\u0060')}\n\`\`\``;

/** Asks for a language, where one is wished. */
export const languageBlock = (language: string | undefined): string[] =>
  language === undefined ? [] : [dataBlock('Write in this language', language)];

const MAX_TEXT = 1000;

/** With its description as long as a model needs it. */
const brief = <T extends { description?: string }>(one: T): T =>
  one.description === undefined || one.description.length <= MAX_TEXT
    ? one
    : { ...one, description: `${one.description.slice(0, MAX_TEXT)}…` };

export function sourceBlock({ name, description, fields, measures, sample }: SourceBrief): string {
  const source = brief({ name, ...(description === undefined ? {} : { description }) });
  const names = { ...source, fields: fields.map(brief), measures: measures.map(brief) };
  const rows = sample && { columns: sample.columns, rows: sample.rows.map((row) => row.map(short)) };
  return [dataBlock('The source', names), ...(rows ? [dataBlock('Some of its rows', rows)] : [])].join(
    '\n\n',
  );
}
