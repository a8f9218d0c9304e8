import type { Range } from '../domain/time.ts';
import { join, type Sql, sql } from './ast.ts';
import { readOperand } from './operand.ts';
import { resolveRange } from './range.ts';
import type { Field, Scope } from './scope.ts';

/** `left` from `from` on, up to but without `to`. The range is reported in `scope.ranges` as it was resolved. */
export function compileDuring(range: Range, field: Field, left: Sql, scope: Scope, pointer: string): Sql {
  const { instants, ...local } = resolveRange(range, scope, pointer);
  scope.ranges.push({ pointer, ...local });
  const exact = field.column.type === 'timestamptz' ? instants : undefined;
  const form = scope.dialect.orderForms[field.column.type];
  const bound = (end: 'from' | 'to', text: string) =>
    form(
      exact
        ? scope.dialect.given.timestamptz(exact[end])
        : readOperand(text, field, scope, `${pointer}/${end}`).start,
    );
  const tests: Sql[] = [];
  if (local.from !== undefined) tests.push(sql`${form(left)} >= ${bound('from', local.from)}`);
  if (local.to !== undefined) tests.push(sql`${form(left)} < ${bound('to', local.to)}`);
  return sql`(${join(tests, ' AND ')})`;
}
