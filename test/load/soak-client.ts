import { Client } from './client.ts';
import { kindOf, requestOf } from './soak-requests.ts';

/** Which requests of a soak to send, and how many at once. */
export interface SoakOrder {
  url: string;
  token: string;
  first: number;
  end: number;
  clients: number;
  /** A report after so many. */
  every: number;
}

export interface SoakReport {
  done: number;
  /** How many of each kind so far. */
  byKind: Record<string, number>;
  /** What failed since the last report. */
  failures: string[];
}

async function main({ url, token, first, end, clients, every }: SoakOrder): Promise<void> {
  const shared = { client: new Client(url, token, 0.75), tags: new Map<string, string>() };
  const byKind: Record<string, number> = {};
  let failures: string[] = [];
  let next = first;
  let done = 0;
  const one = async (number: number) => {
    const kind = kindOf(number);
    byKind[kind] = (byKind[kind] ?? 0) + 1;
    try {
      await requestOf(kind)({ ...shared, number });
    } catch (error) {
      failures.push(`${kind} ${number}: ${error}`);
    }
    if (++done % every !== 0 && done !== end - first) return;
    process.send!({ done, byKind, failures } satisfies SoakReport);
    failures = [];
  };
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (next < end) await one(next++);
    }),
  );
  process.exit(0);
}

if (import.meta.main) await main(JSON.parse(process.env.SOAK!) as SoakOrder);
