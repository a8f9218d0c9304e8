import { AppError } from '../base/errors.ts';

/** Of these, two proxies could each believe another one. */
const SINGLE = ['host', 'content-length'] as const;

/** Refuses what Bun lets through: a header that decides where a request goes or ends, given more than once. */
export function checkSingleHeaders(headers: Headers): void {
  for (const name of SINGLE)
    if (headers.get(name)?.includes(','))
      throw new AppError('request.invalid', `The header ${name} is given more than once`, {
        params: { in: 'header' },
      });
}
