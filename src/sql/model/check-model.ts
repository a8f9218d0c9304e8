import { AppError } from '../../base/errors.ts';
import type { Column } from '../../domain/column.ts';
import type { ModelDimension, ModelFields } from '../../domain/model.ts';
import type { Issue } from '../../domain/schema.ts';
import { compileMeasure } from '../aggregate.ts';
import { refuseDimension, refuseMeasure } from '../built.ts';
import { compileDimension } from '../dimension.ts';
import { resolveField, type Scope } from '../scope.ts';
import { askedDimension } from './derived.ts';
import { askedMeasure } from './expand-spec.ts';
import { keyClaims } from './key-claims.ts';
import { aliasOf } from './model-names.ts';
import { inModel, type ModelParts } from './model-parts.ts';
import { type OpenModel, openModel } from './model-scope.ts';

/** Faults are gathered, so that whoever writes a model sees them all. */
class Faults {
  readonly found: AppError[] = [];

  try<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (!this.found.includes(error)) this.found.push(error);
      return undefined;
    }
  }

  /** The first, with all in its params where there are more. */
  throw(): void {
    const [first] = this.found;
    if (!first || this.found.length === 1) {
      if (first) throw first;
      return;
    }
    const { code, message, pointer = '', params, cause } = first;
    const errors = this.found.map((each): Issue => ({ pointer: each.pointer ?? '', message: each.message }));
    throw new AppError(code, message, { pointer, params: { ...params, errors }, cause });
  }
}

type Texts = Partial<Pick<ModelDimension, 'label' | 'description' | 'format' | 'synonyms'>>;

const described = ({ label, description, format, synonyms }: Texts) => ({
  ...(label === undefined ? {} : { label }),
  ...(description === undefined ? {} : { description }),
  ...(format === undefined ? {} : { format }),
  ...(synonyms === undefined ? {} : { synonyms }),
});

const only = ({ name, type }: Pick<Column, 'name' | 'type'>) => ({ name, type, label: name });

/**
 * Compiles every part of a model over the columns that its tables have now; gives what a front end can offer of it. Faults have pointers into the
 * definition.
 */
export function checkModel(parts: ModelParts, base: Omit<Scope, 'columns'>): ModelFields {
  const model = openModel(parts, base);
  const faults = new Faults();
  checkNames(model, faults);
  const fields = {
    columns: columnFields(model, faults),
    dimensions: dimensionFields(model, faults),
    measures: measureFields(model, faults),
  };
  const { primaryKey } = parts.definition;
  faults.try(() => keyClaims(parts, model.from.names, model.from.keys));
  faults.throw();
  return { ...fields, ...(primaryKey ? { primaryKey } : {}) };
}

const ambiguous = (name: string, what: string, pointer: string) =>
  new AppError('query.ambiguous', `The name ${JSON.stringify(name)} is that of ${what} already`, {
    pointer,
    params: { name },
  });

/** Computed columns and dimensions are fields, each under its own name; measures are asked for apart, but answers hold both. */
function checkNames({ parts, from }: OpenModel, faults: Faults): void {
  const { columns = [], dimensions = [], measures = [] } = parts.definition;
  const taken = new Map([...from.names.keys()].map((name) => [name, 'a column']));
  const add = (name: string, what: string, pointer: string) =>
    faults.try(() => {
      if (name.includes('\u0000'))
        throw new AppError('request.invalid', 'A name must not hold a NUL character', { pointer });
      const other = taken.get(name);
      if (other) throw ambiguous(name, other, pointer);
      taken.set(name, what);
    });
  for (const [i, { name }] of columns.entries()) add(name, 'a column', `/columns/${i}/name`);
  const ofDimensions = new Set<string>();
  for (const [i, { name, field, grain }] of dimensions.entries()) {
    const pointer = `/dimensions/${i}/name`;
    const isColumnItself = field === name && grain === undefined && !ofDimensions.has(name);
    if (!isColumnItself) add(name, 'a dimension', pointer);
    ofDimensions.add(name);
  }
  const ofMeasures = new Set<string>();
  for (const [i, { name }] of measures.entries()) {
    const pointer = `/measures/${i}/name`;
    faults.try(() => {
      if (ofMeasures.has(name)) throw ambiguous(name, 'a measure', pointer);
      if (ofDimensions.has(name)) throw ambiguous(name, 'a dimension', pointer);
      ofMeasures.add(name);
    });
  }
}

function columnFields({ parts, scope, from }: OpenModel, faults: Faults): ModelFields['columns'] {
  const texts = new Map((parts.definition.descriptions ?? []).map((text) => [text.name, text]));
  const tables = [...from.names.values()].map(({ table, column }) => ({
    ...only(column),
    ...described(texts.get(column.name) ?? {}),
    ...(table === 0 ? {} : { join: aliasOf(parts, table) }),
  }));
  const computed = (parts.definition.columns ?? []).flatMap((column, i) => {
    const pointer = `/columns/${i}/expr`;
    const field = faults.try(() =>
      inModel(parts, pointer, () => resolveField(scope, column.name, pointer).column),
    );
    return field ? [{ ...only(field), ...described(column), computed: true as const }] : [];
  });
  return [...tables, ...computed];
}

function dimensionFields({ parts, scope }: OpenModel, faults: Faults): ModelFields['dimensions'] {
  return (parts.definition.dimensions ?? []).flatMap((dimension, i) => {
    const pointer = `/dimensions/${i}`;
    const made = faults.try(() =>
      inModel(parts, pointer, () => {
        const asked = askedDimension(dimension);
        refuseDimension(asked, pointer);
        return compileDimension(asked, scope.derived.scopeOf(scope.used), pointer);
      }),
    );
    const { grain, hidden } = dimension;
    const more = {
      ...(grain === undefined ? {} : { grain }),
      ...(hidden === undefined ? {} : { hidden }),
    };
    return made ? [{ ...only({ ...made, name: dimension.name }), ...described(dimension), ...more }] : [];
  });
}

function measureFields({ parts, scope }: OpenModel, faults: Faults): ModelFields['measures'] {
  return (parts.definition.measures ?? []).flatMap((measure, i) => {
    const pointer = `/measures/${i}`;
    const made = faults.try(() =>
      inModel(parts, pointer, () => {
        const asked = askedMeasure(measure);
        refuseMeasure(asked, pointer);
        return compileMeasure(asked, scope, pointer);
      }),
    );
    const { agg, hidden } = measure;
    const more = { agg, ...(hidden === undefined ? {} : { hidden }) };
    return made ? [{ ...only(made), ...described(measure), ...more }] : [];
  });
}
