import type { SourceColumn } from '../../domain/column.ts';
import { join, raw, type Sql, sql } from '../ast.ts';
import { keptNative, keyOf, shownOf } from '../native.ts';
import { resolveField } from '../scope.ts';
import { inModel } from './model-parts.ts';
import type { OpenModel } from './model-scope.ts';

/** The first rows of a model in no promised order, with every column: those of the tables, then the computed ones. */
export function modelRows(model: OpenModel, limit: number): { statement: Sql; columns: SourceColumn[] } {
  const { parts, scope, from } = model;
  const { dialect, timezone } = scope;
  const computed = parts.definition.columns ?? [];
  const fields = [
    ...[...from.names.keys()].map((name) => ({ ...resolveField(scope, name, ''), said: {} })),
    ...computed.map(({ name, label, format }, i) =>
      inModel(parts, `/columns/${i}`, () => ({
        ...resolveField(scope, name, `/columns/${i}/expr`),
        said: { ...(label === undefined ? {} : { label }), ...(format === undefined ? {} : { format }) },
      })),
    ),
  ];
  const shown = fields.map(({ sql: value, column }, i) => {
    const key = keyOf(value, column, dialect);
    return sql`${shownOf(key, column, dialect, timezone)} AS ${dialect.outputName(column.name, i)}`;
  });
  const where = scope.filter ? sql`\nWHERE ${scope.filter}` : raw('');
  const statement = sql`SELECT ${join(shown, ', ')}\nFROM ${from.source(scope.used)}${where}\n${dialect.page(limit, 0, false)}`;
  return {
    statement,
    columns: fields.map(({ column, said }) => ({
      name: column.name,
      type: column.type,
      ...keptNative(column, dialect),
      ...said,
    })),
  };
}
