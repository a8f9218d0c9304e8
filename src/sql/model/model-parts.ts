import { AppError } from '../../base/errors.ts';
import type { SourceColumn } from '../../domain/column.ts';
import type { ModelDefinition } from '../../domain/model.ts';
import type { Sql } from '../ast.ts';

/** A table of a model's source: what stands after FROM without an alias, and what is there. */
export interface TablePart {
  source: Sql;
  columns: readonly SourceColumn[];
  /** What people call it. */
  name: string;
}

/** A model as the compiler needs it: the definition, and the tables that its names mean. */
export interface ModelParts {
  definition: ModelDefinition;
  base: TablePart;
  /** As the definition's joins. */
  joined: readonly TablePart[];
  /** The model's name where a query names it; undefined while the definition itself is what the caller sent. */
  saved: string | undefined;
}

/**
 * Runs what is about the part of the definition at `pointer`. Where a query names the model its faults point at the name: the caller
 * of a query does not see the definition.
 */
export function inModel<T>({ saved }: Pick<ModelParts, 'saved'>, pointer: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof AppError && saved !== undefined ? ofSaved(error, saved, pointer) : error;
  }
}

/** A fault of a saved model's definition, as those who query it see it. */
export function ofSaved(error: AppError, model: string, pointer: string): AppError {
  const { code, message, params, retryAfterS, cause } = error;
  if (error.pointer === '/from/model') return error;
  return new AppError(code, `In the model ${JSON.stringify(model)}: ${message}`, {
    pointer: '/from/model',
    params: { ...params, model, at: error.pointer ?? pointer },
    retryAfterS,
    cause,
  });
}
