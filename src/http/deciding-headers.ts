import { AppError } from '../base/errors.ts';

/** Of these, two proxies could each believe another one. */
const SINGLE = ['host', 'content-length'] as const;

const refused = (name: string, why: string) =>
  new AppError('request.invalid', `The header ${name} ${why}`, { params: { in: 'header' } });

/** Refuses what Bun lets through of the headers that decide where a request goes or ends: one given twice, or a host that is none. */
export function checkDecidingHeaders({ headers, url }: Request): void {
  for (const name of SINGLE)
    if (headers.get(name)?.includes(',')) throw refused(name, 'is given more than once');
  // Bun makes a whole URL with every host that is one.
  if (url.startsWith('/')) throw refused('host', 'is not valid');
}
