import { AppError } from '../../base/errors.ts';
import { nearNames } from '../../base/near-names.ts';
import type { ModelMeasure } from '../../domain/model.ts';
import type { PivotSpec } from '../../domain/pivot-spec.ts';
import type { AskedMeasure, Dimension, DistinctSpec, Measure, QuerySpec } from '../../domain/query-spec.ts';
import { compileMeasure } from '../aggregate.ts';
import { compileDimension } from '../dimension.ts';
import { askedDimension } from './derived.ts';
import { inModel } from './model-parts.ts';
import type { OpenModel } from './model-scope.ts';

type AnySpec = QuerySpec | PivotSpec | DistinctSpec;

/** What a model says of a column of an answer. */
export interface Described {
  label?: string | undefined;
  format?: string | undefined;
}

/** The measure as a query would ask for it. */
export const askedMeasure = ({ name, agg, field, expr, where }: ModelMeasure): Measure => ({
  ...(agg === undefined ? {} : { agg }),
  ...(field === undefined ? {} : { field }),
  ...(expr === undefined ? {} : { expr }),
  ...(where === undefined ? {} : { where }),
  as: name,
});

/** A spec over a model with the model's dimensions and measures in the place of their names, and what the answer's columns are called. */
export class Expansion {
  readonly described = new Map<string, Described>();
  readonly #dimensions;
  readonly #measures;
  readonly #columns;

  constructor(readonly model: OpenModel) {
    const { dimensions = [], measures = [], columns = [] } = model.parts.definition;
    this.#dimensions = new Map(dimensions.map((each, i) => [each.name, { each, i }]));
    this.#measures = new Map(measures.map((each, i) => [each.name, { each, i }]));
    this.#columns = new Map(columns.map((each) => [each.name, each]));
  }

  spec<S extends AnySpec>(spec: S): S {
    const all = (items: readonly Dimension[] | undefined, key: string) =>
      items ? { [key]: items.map((item, i) => this.#dimension(item, `/${key}/${i}`)) } : {};
    const given = spec as Partial<QuerySpec & PivotSpec & DistinctSpec>;
    const field = given.field === undefined ? {} : { field: this.#dimension(given.field, '/field', 'value') };
    const measures = given.measures?.map((item, i) => this.#measure(item, `/measures/${i}`));
    return {
      ...spec,
      ...field,
      ...all(given.dimensions, 'dimensions'),
      ...all(given.rows, 'rows'),
      ...all(given.columns, 'columns'),
      ...(measures ? { measures } : {}),
    };
  }

  #dimension(asked: Dimension, pointer: string, output?: string): Dimension {
    const given = typeof asked === 'string' ? { field: asked } : asked;
    if (given.field === undefined) return asked;
    const found = this.#dimensions.get(given.field);
    const as = given.as ?? given.field;
    this.#describe(output ?? as, found?.each ?? this.#columns.get(given.field));
    if (!found) return asked;
    const { each, i } = found;
    if (each.grain !== undefined && given.grain !== undefined)
      throw new AppError(
        'request.invalid',
        `The dimension ${JSON.stringify(each.name)} has the grain ${each.grain} already`,
        { pointer: `${pointer}/grain`, params: { field: each.name } },
      );
    const { parts, scope } = this.model;
    const defined = askedDimension(each);
    inModel(parts, `/dimensions/${i}`, () => compileDimension(defined, scope, `/dimensions/${i}`));
    const { field: _, ...rest } = given;
    return { ...defined, ...rest, as };
  }

  #measure(asked: AskedMeasure, pointer: string): Measure {
    const given = typeof asked === 'string' ? { measure: asked } : asked;
    if (given.measure === undefined) return given;
    const at = typeof asked === 'string' ? pointer : `${pointer}/measure`;
    const { measure: name, as = name, ...more } = given;
    const found = this.#measures.get(name);
    if (!found) throw this.#unknownMeasure(name, at);
    const extra = Object.keys(more)[0];
    if (extra !== undefined)
      throw new AppError('request.invalid', `${extra} does not go with measure`, {
        pointer: `${pointer}/${extra}`,
      });
    this.#describe(as, found.each);
    const { parts, scope } = this.model;
    const defined = askedMeasure(found.each);
    inModel(parts, `/measures/${found.i}`, () => compileMeasure(defined, scope, `/measures/${found.i}`));
    return { ...defined, as };
  }

  #describe(output: string, said: Described | undefined): void {
    if (said) this.described.set(output, { label: said.label, format: said.format });
  }

  #unknownMeasure(name: string, pointer: string): AppError {
    const near = nearNames(name, [...this.#measures.keys()]);
    const hint = near.length > 0 ? `; did you mean ${near.map((n) => JSON.stringify(n)).join(' or ')}?` : '';
    return new AppError('query.field', `The model has no measure ${JSON.stringify(name)}${hint}`, {
      pointer,
      params: { measure: name, near },
    });
  }
}
