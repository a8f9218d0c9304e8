import { AppError } from '../base/errors.ts';

/** Names of an answer's columns with their place in the request: each but once, else `query.ambiguous`. */
export function checkOutputNames(named: readonly { name: string; pointer: string }[]): void {
  const seen = new Set<string>();
  for (const { name, pointer } of named) {
    if (seen.has(name))
      throw new AppError(
        'query.ambiguous',
        `The name ${JSON.stringify(name)} is used twice; give one of them another with as`,
        { pointer, params: { name } },
      );
    if (name.includes('\u0000'))
      throw new AppError('request.invalid', 'A name must not hold a NUL character', { pointer });
    seen.add(name);
  }
}
