import { AppError } from '../base/errors.ts';
import type { ModelDefinition, ModelFields } from '../domain/model.ts';
import { checkModel } from '../sql/model/check-model.ts';
import { ofSaved } from '../sql/model/model-parts.ts';
import { type ScopeDefaults, scopeBase } from './compile-over.ts';
import type { OpenedModel } from './model-subject.ts';

/** Compiles every part of a model; gives what a front end can offer of it. Faults have pointers into the definition. */
export const modelFields = ({ subject }: OpenedModel, defaults: ScopeDefaults): ModelFields =>
  checkModel(subject.model, scopeBase({}, subject, defaults));

/** Descriptions are of columns of the tables, each once. One of a column that the source has lost since does no harm, so it is not looked for later. */
export function checkDescriptions({ descriptions = [] }: ModelDefinition, { columns }: ModelFields): void {
  const open = new Set(columns.filter(({ computed }) => !computed).map(({ name }) => name));
  for (const [i, { name }] of descriptions.entries()) {
    if (open.delete(name)) continue;
    const isTwice = descriptions.findIndex((each) => each.name === name) < i;
    throw new AppError(
      isTwice ? 'query.ambiguous' : 'query.field',
      isTwice
        ? `The column ${JSON.stringify(name)} is described already`
        : `The tables of the model have no column ${JSON.stringify(name)}`,
      { pointer: `/descriptions/${i}/name`, params: { field: name } },
    );
  }
}

/** A fault of a model as those who query it see it: with the pointer /from/model and where in the definition it is. */
export const faultOfModel = (error: AppError, model: string): AppError => ofSaved(error, model, '');
