import { AppError } from '../../base/errors.ts';
import type { SourceColumn } from '../../domain/column.ts';
import { inModel, type ModelParts } from './model-parts.ts';
import { unpivotedColumns } from './unpivot.ts';

/** A column of one of the model's tables; the base is table 0, the i-th join table i + 1. */
export interface ModelName {
  table: number;
  /** Its place among the table's columns. */
  index: number;
  /** Under the name that the model gives it. */
  column: SourceColumn;
}

/** What a table shows to the model: for the base after the unpivot. */
export const columnsOf = (parts: ModelParts, table: number): readonly SourceColumn[] =>
  table === 0 ? unpivotedColumns(parts) : parts.joined[table - 1]!.columns;

export const aliasOf = ({ definition }: ModelParts, table: number): string =>
  definition.joins![table - 1]!.as;

/** Every column of the tables by its name in the model. Throws `query.ambiguous` where two would have one name. */
export function modelNames(parts: ModelParts): ReadonlyMap<string, ModelName> {
  const names = new Map<string, ModelName>();
  const add = (name: string, table: number, index: number, column: SourceColumn, pointer: string) => {
    if (names.has(name))
      throw new AppError('query.ambiguous', `The name ${JSON.stringify(name)} means two columns`, {
        pointer,
        params: { name },
      });
    names.set(name, { table, index, column: { ...column, name } });
  };
  inModel(parts, '/from', () => {
    const pointer = parts.definition.unpivot ? '/unpivot' : '/from';
    for (const [index, column] of columnsOf(parts, 0).entries()) add(column.name, 0, index, column, pointer);
  });
  const aliases = new Set<string>();
  for (const [i, { columns }] of parts.joined.entries()) {
    const alias = aliasOf(parts, i + 1);
    const pointer = `/joins/${i}/as`;
    inModel(parts, pointer, () => {
      if (aliases.has(alias))
        throw new AppError('query.ambiguous', `Two joins are called ${JSON.stringify(alias)}`, {
          pointer,
          params: { name: alias },
        });
      aliases.add(alias);
      for (const [index, column] of columns.entries())
        add(`${alias}.${column.name}`, i + 1, index, column, pointer);
    });
  }
  return names;
}
