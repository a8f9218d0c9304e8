import type { Config } from '../config.ts';
import type { Io } from './command.ts';

export interface Started {
  url: string;
  version: string;
  /** The admin's key of this run, where nobody has an account yet. */
  startKey: string | undefined;
  demo: boolean;
}

const PIVOT = JSON.stringify({
  from: { dataset: 'orders' },
  rows: ['region'],
  columns: ['channel'],
  measures: [{ agg: 'sum', field: 'amount', as: 'revenue' }],
  totals: { rows: 'all', columns: 'all' },
});

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

function signIn({ url, startKey }: Started, adminEmail: string | undefined): string {
  if (startKey)
    return `Nobody has an account yet. This key is an admin's until the service stops:

  export TOKEN=${startKey}

  To make an account: reporting-api user create --help`;
  const email = adminEmail ?? 'you@example.com';
  const body = JSON.stringify({ email, password: '…' });
  return `Sign in${adminEmail ? ` as ${adminEmail}` : ''}, and keep the token of the answer as TOKEN:

  curl -s ${url}/api/auth/login -H 'content-type: application/json' -d ${quote(body)}`;
}

/** What a person at a terminal is told when the service has started. */
export function startedText(started: Started, config: Pick<Config, 'ADMIN_EMAIL' | 'RUN_SCHEDULER'>): string {
  const { url, version, demo } = started;
  const pivot = demo
    ? `
A pivot over the demo data (dataset "orders", 1,000,000 rows; the first start makes it, a line tells when it is there):

  curl -s ${url}/api/query/pivot -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\
    -d ${quote(PIVOT)}
`
    : '';
  const scheduler = config.RUN_SCHEDULER
    ? ''
    : `
Schedules do not start here: RUN_SCHEDULER is 0. At least one process needs RUN_SCHEDULER=1.
`;
  return `
reporting-api ${version} listens on ${url}   (API: ${url}/api/docs, Ctrl-C stops it)

${signIn(started, config.ADMIN_EMAIL)}
${pivot}${scheduler}
`;
}

/** Words for people beside a service that runs: where nobody can keep them (a full disk, a terminal that is gone) it goes on. */
export function tell(io: Io, text: string): void {
  try {
    io.out(text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}
