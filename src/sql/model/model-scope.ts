import { AppError } from '../../base/errors.ts';
import { compileFilter } from '../filter.ts';
import type { Scope } from '../scope.ts';
import { ModelDerived } from './derived.ts';
import { joinKeys } from './join-keys.ts';
import { ModelFrom } from './model-from.ts';
import { modelNames } from './model-names.ts';
import { inModel, type ModelParts } from './model-parts.ts';

/** A model in one request. */
export interface OpenModel {
  parts: ModelParts;
  /** Its columns, computed columns and dimensions by their names, under its default filter; `used` is filled as they are read. */
  scope: Scope & { readonly used: Set<string>; readonly derived: ModelDerived };
  from: ModelFrom;
}

/**
 * `base` says what times mean. Ranges of the default filter are added to its `ranges`. Throws `query.field`, `query.type`, `query.ambiguous`,
 * `request.invalid`.
 */
export function openModel(parts: ModelParts, base: Omit<Scope, 'columns'>): OpenModel {
  const names = modelNames(parts);
  const keys = joinKeys(parts, names);
  checkFullJoins(parts, base.dialect);
  const from = new ModelFrom(parts, names, keys, base.dialect);
  const used = new Set<string>();
  const columns: Scope = {
    ...base,
    columns: new Map([...names].map(([name, { column }]) => [name, column])),
    expressions: new Map([...names].map(([name, place]) => [name, from.reference(place)])),
  };
  const derived = new ModelDerived(parts, columns);
  const scope = { ...columns, derived, used };
  return { parts, from, scope: { ...scope, filter: defaultFilter(parts, scope) } };
}

/** Each is written as a union that holds all before it twice. */
const MAX_UNIONS = 4;

function checkFullJoins(parts: ModelParts, { fullJoin }: Scope['dialect']): void {
  if (fullJoin) return;
  const full = (parts.definition.joins ?? []).flatMap(({ type }, i) => (type === 'full' ? [i] : []));
  const past = full[MAX_UNIONS];
  if (past === undefined) return;
  const pointer = `/joins/${past}/type`;
  inModel(parts, pointer, () => {
    throw new AppError(
      'query.unsupported',
      `The engine has no FULL JOIN; a model has at most ${MAX_UNIONS} of them there`,
      { pointer },
    );
  });
}

function defaultFilter(parts: ModelParts, scope: Scope) {
  const { where } = parts.definition;
  if (!where) return undefined;
  const ranges: Scope['ranges'] = [];
  const filter = inModel(parts, '/where', () => compileFilter(where, { ...scope, ranges }, '/where'));
  const at = parts.saved === undefined ? '' : '/from/model';
  scope.ranges.push(...ranges.map((range) => ({ ...range, pointer: at + range.pointer })));
  return filter;
}
