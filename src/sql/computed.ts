import { AppError } from '../base/errors.ts';
import { compileExpression } from './expression/expression.ts';
import { type Field, resolveField, type Scope } from './scope.ts';

/** What is grouped or aggregated: a field by its name, or an expression, which needs a name of its own in the answer. */
export interface Computed {
  field?: string | undefined;
  expr?: string | undefined;
  as?: string | undefined;
}

/** `request.invalid` where there are both a field and an expression, or an expression without `as`. */
export function checkComputed({ field, expr, as }: Computed, pointer: string): void {
  if (expr === undefined) return;
  if (field !== undefined)
    throw new AppError('request.invalid', 'There is either a field or an expr', {
      pointer: `${pointer}/expr`,
    });
  if (as === undefined)
    throw new AppError('request.invalid', 'An expr needs as, its name in the answer', { pointer });
}

/** The field or the value of the expression; undefined where there is neither. Throws `query.*` and `request.invalid`. */
export function resolveComputed(computed: Computed, scope: Scope, pointer: string): Field | undefined {
  checkComputed(computed, pointer);
  const { field, expr } = computed;
  if (expr !== undefined) return compileExpression(expr, scope, `${pointer}/expr`);
  return field === undefined ? undefined : resolveField(scope, field, `${pointer}/field`);
}
