import type { Range } from '../domain/time.ts';
import { join, type Sql, sql } from './ast.ts';
import { before, notBefore, ownBounds } from './moment-bounds.ts';
import { instantOperand, readOperand } from './operand.ts';
import { resolveRange } from './range.ts';
import type { Field, Scope } from './scope.ts';

/** `left` from `from` on, up to but without `to`. The range is reported in `scope.ranges` as it was resolved. */
export function compileDuring(range: Range, field: Field, left: Sql, scope: Scope, pointer: string): Sql {
  const { instants, ...local } = resolveRange(range, scope, pointer);
  scope.ranges.push({ pointer, ...local });
  const exact = field.column.type === 'timestamptz' ? instants : undefined;
  const form = scope.dialect.orderForms[field.column.type];
  const operand = (end: 'from' | 'to', text: string) =>
    (exact && instantOperand(Temporal.Instant.from(exact[end]), scope)) ??
    readOperand(text, field, scope, `${pointer}/${end}`);
  const bound = (end: 'from' | 'to', text: string) => {
    const given = operand(end, text);
    const { left: value, from } = ownBounds(field, given, scope.dialect) ?? {
      left: form(left),
      from: form(given.start),
    };
    return { left: value, bound: from };
  };
  const tests: Sql[] = [];
  if (local.from !== undefined) {
    const from = bound('from', local.from);
    tests.push(notBefore(from, from.bound, scope.dialect));
  }
  if (local.to !== undefined) {
    const to = bound('to', local.to);
    tests.push(before(to, to.bound));
  }
  return sql`(${join(tests, ' AND ')})`;
}
