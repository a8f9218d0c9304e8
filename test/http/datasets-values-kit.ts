import { type Lake, shapeOf } from './datasets-kit.ts';

let number = 0;

/** Uploads under a name of its own; gives columns, rows and warnings. */
export async function load(
  lake: Lake,
  content: string | Uint8Array<ArrayBuffer>,
  options: Record<string, unknown> = {},
  file = 'data.csv',
) {
  const name = `values${++number}`;
  const fields = Object.fromEntries(
    Object.entries(options).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  const answer = await lake.upload({ name, ...fields }, content, file);
  const rows = answer.status === 201 ? await lake.rowsOf(name) : [];
  const warnings = (answer.body.warnings ?? []) as string[];
  return { name, answer, shape: shapeOf(answer), rows, warnings, codes: codesOf(warnings) };
}

/** The code and the column of each warning. */
export const codesOf = (warnings: readonly string[]) =>
  warnings.map((text) => /^([a-zA-Z.]+): column "([^"]*)"/.exec(text)?.slice(1).join(' ') ?? text);

/** A CSV file with one column `v`; values that need it are quoted. */
export const column = (...values: string[]) =>
  `v\n${values.map((value) => (/[",;\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join('\n')}\n`;
