import type { Nouns } from '../store/store.ts';

/** Wrong passwords for an account since its last sign-in. */
export interface FailedSignIns {
  count: number;
  lastAt?: string;
  lastAddress?: string;
}

type Facts = Nouns['facts'];

const NONE: FailedSignIns = { count: 0 };
const nameOf = (userId: string) => `failedSignIns.${userId}`;

export async function failedSignInsOf(facts: Facts, userId: string): Promise<FailedSignIns> {
  const text = await facts.get(nameOf(userId));
  return text === undefined ? NONE : (JSON.parse(text) as FailedSignIns);
}

/** To be called in a transaction. An unknown account is counted too, as one: it must take as long as a known one. */
export async function countFailedSignIn(
  facts: Facts,
  userId: string | undefined,
  lastAt: string,
  lastAddress: string,
): Promise<void> {
  const subject = userId ?? 'unknown';
  const { count } = await failedSignInsOf(facts, subject);
  await facts.set(nameOf(subject), JSON.stringify({ count: count + 1, lastAt, lastAddress }));
}

/** Those until now; the count begins again. To be called in a transaction. */
export async function takeFailedSignIns(facts: Facts, userId: string): Promise<FailedSignIns> {
  const failed = await failedSignInsOf(facts, userId);
  if (failed.count > 0) await facts.set(nameOf(userId), JSON.stringify(NONE));
  return failed;
}
