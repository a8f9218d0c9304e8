import { AppError } from '../base/errors.ts';
import type { AskedMeasure, Measure } from '../domain/query-spec.ts';

/** The measure as it stands; `query.field` where it is the name of a model's measure and there is no model. */
export function plainMeasure(asked: AskedMeasure, pointer: string): Measure {
  const name = typeof asked === 'string' ? asked : asked.measure;
  if (typeof asked !== 'string' && name === undefined) return asked;
  throw new AppError(
    'query.field',
    `There is no measure ${JSON.stringify(name)}: only a model has measures by name`,
    { pointer: typeof asked === 'string' ? pointer : `${pointer}/measure`, params: { measure: name } },
  );
}
