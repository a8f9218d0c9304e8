import { param, type Sql, type SqlPart, sql } from './ast.ts';
import type { Form, LongList } from './dialect.ts';

/** Values that are spelled alike but for their one parameter. */
interface Alike {
  parts: readonly SqlPart[];
  values: string[];
}

const shapeOf = ({ parts }: Sql) =>
  parts.map((part) => (part.kind === 'param' ? '?' : part.kind === 'text' ? part.text : part.name)).join('');

function byShape(operands: readonly Sql[]): Alike[] {
  const found = new Map<string, Alike>();
  for (const operand of operands) {
    const shape = shapeOf(operand);
    const alike = found.get(shape) ?? { parts: operand.parts, values: [] };
    found.set(shape, alike);
    for (const part of operand.parts) if (part.kind === 'param') alike.values.push(String(part.value));
  }
  return [...found.values()];
}

/** `left` among operands that travel as one parameter for each shape; `form` is the exact one, as both sides have collations of their own. */
export function amongMany(left: Sql, operands: readonly Sql[], form: Form, { rows, item }: LongList): Sql[] {
  return byShape(operands).map(({ parts, values }) => {
    const each: Sql = { parts: parts.flatMap((part) => (part.kind === 'param' ? item.parts : [part])) };
    return sql`${form(left)} IN (SELECT ${form(each)} FROM ${rows(param(JSON.stringify(values)))})`;
  });
}
