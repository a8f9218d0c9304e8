import type { AppError } from '../base/errors.ts';
import type { ModelFields } from '../domain/model.ts';
import { checkModel } from '../sql/model/check-model.ts';
import { ofSaved } from '../sql/model/model-parts.ts';
import { type ScopeDefaults, scopeBase } from './compile-over.ts';
import type { OpenedModel } from './model-subject.ts';

/** Compiles every part of a model; gives what a front end can offer of it. Faults have pointers into the definition. */
export const modelFields = ({ subject }: OpenedModel, defaults: ScopeDefaults): ModelFields =>
  checkModel(subject.model, scopeBase({}, subject, defaults));

/** A fault of a model as those who query it see it: with the pointer /from/model and where in the definition it is. */
export const faultOfModel = (error: AppError, model: string): AppError => ofSaved(error, model, '');
