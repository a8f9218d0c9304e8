import { AppError } from '../base/errors.ts';
import type { PivotSpec } from '../domain/pivot-spec.ts';
import {
  type AskedMeasure,
  BUILT_AGGREGATIONS,
  type Dimension,
  type DistinctSpec,
  type QuerySpec,
} from '../domain/query-spec.ts';
import { checkComputed } from './computed.ts';
import { plainMeasure } from './plain-measure.ts';

type Kind = 'spec' | 'pivot' | 'distinct';

const IN_ALL = ['joins', 'time', 'locale', 'calendar'];
const IN_SPEC: Readonly<Record<Kind, readonly string[]>> = {
  spec: IN_ALL,
  distinct: IN_ALL,
  pivot: [...IN_ALL, 'having', 'top', 'expand'],
};
const IN_DIMENSION = ['bins'];
const IN_MEASURE = [
  'formula',
  'of',
  'show',
  'window',
  'at',
  'by',
  'per',
  'p',
  'orderBy',
  'weight',
  'base',
  'level',
];

/**
 * Throws `query.not_built` with the pointer of the first part of the language that the schema takes and nothing answers yet, and
 * `request.invalid` where a dataset, or the field or expression of a dimension or measure is missing. The kind is told, as a pivot may look like a spec.
 */
export function refuseNotBuilt(spec: QuerySpec, kind: 'spec'): void;
export function refuseNotBuilt(spec: PivotSpec, kind: 'pivot'): void;
export function refuseNotBuilt(spec: DistinctSpec, kind: 'distinct'): void;
export function refuseNotBuilt(spec: QuerySpec | PivotSpec | DistinctSpec, kind: Kind): void {
  refuseKeys(spec, IN_SPEC[kind], '');
  if ('field' in spec) refuseDimension(spec.field, '/field');
  if ('dimensions' in spec) refuseDimensions(spec.dimensions, '/dimensions');
  if ('rows' in spec) refuseDimensions(spec.rows, '/rows');
  if ('columns' in spec) refuseDimensions(spec.columns, '/columns');
  if ('measures' in spec)
    for (const [index, measure] of (spec.measures ?? []).entries())
      refuseMeasure(measure, `/measures/${index}`);
}

function refuseKeys(value: object, keys: readonly string[], pointer: string): void {
  const given = value as Readonly<Record<string, unknown>>;
  const found = keys.find((key) => given[key] !== undefined);
  if (found === undefined) return;
  throw new AppError('query.not_built', `This service does not do ${found} yet`, {
    pointer: `${pointer}/${found}`,
  });
}

function refuseDimensions(dimensions: readonly Dimension[] | undefined, pointer: string): void {
  for (const [index, dimension] of (dimensions ?? []).entries())
    refuseDimension(dimension, `${pointer}/${index}`);
}

/** As `refuseNotBuilt`, of one dimension. */
export function refuseDimension(dimension: Dimension, pointer: string): void {
  if (typeof dimension === 'string') return;
  refuseKeys(dimension, IN_DIMENSION, pointer);
  checkComputed(dimension, pointer);
  if (dimension.field === undefined && dimension.expr === undefined)
    throw new AppError('request.invalid', 'A dimension needs a field or an expr', { pointer });
}

/** As `refuseNotBuilt`, of one measure. */
export function refuseMeasure(asked: AskedMeasure, pointer: string): void {
  const measure = plainMeasure(asked, pointer);
  refuseKeys(measure, IN_MEASURE, pointer);
  checkComputed(measure, pointer);
  const { agg, field, expr } = measure;
  if (agg === undefined) throw new AppError('request.invalid', 'A measure needs agg', { pointer });
  if (!(BUILT_AGGREGATIONS as readonly string[]).includes(agg))
    throw new AppError('query.not_built', `This service does not do ${agg} yet`, {
      pointer: `${pointer}/agg`,
    });
  if (agg !== 'count' && field === undefined && expr === undefined)
    throw new AppError('request.invalid', `The aggregation ${agg} needs a field or an expr`, { pointer });
}
