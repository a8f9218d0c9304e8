import { AppError } from '../../base/errors.ts';
import type { Field, Scope } from '../scope.ts';

/** An expression over the fields of a scope. Throws `query.not_built`. */
export function compileExpression(_text: string, _scope: Scope, pointer: string): Field {
  throw new AppError('query.not_built', 'This service does not do expr yet', { pointer });
}
