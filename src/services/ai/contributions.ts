import type { Decimals } from './decimals.ts';

/** A value as the language of queries has it: a decimal is a text. */
export type Amount = number | string | null;

/** How a measure changed; `share` is its part of the whole change, null where the whole did not change. */
export interface Moved {
  before: Amount;
  after: Amount;
  delta: number | string;
  share: number | null;
}

/** What one member of a dimension has to do with a change. */
export type Contribution = { member: unknown } & Moved;
/** All members that are not told one by one; how many is null where there are more than were looked at. */
export type Others = { members: number | null } & Moved;

export type Member = Pick<Contribution, 'member' | 'before' | 'after'>;

export interface Contributions {
  members: Contribution[];
  others: Others | null;
}

const size = (units: bigint) => (units < 0n ? -units : units);

/** What is left of a sum when the parts are taken away; none where nothing is left of none. */
function restOf(whole: Amount, parts: readonly Amount[], decimals: Decimals): Amount {
  const rest = parts.reduce((sum, part) => sum - decimals.units(part), decimals.units(whole));
  return rest === 0n && whole === null ? null : decimals.value(rest);
}

/** How a value moved, as a part of a whole change of so many units. */
export function moved(before: Amount, after: Amount, change: bigint, decimals: Decimals): Moved {
  const delta = decimals.units(after) - decimals.units(before);
  const share = change === 0n ? null : Number(decimals.value(delta)) / Number(decimals.value(change));
  return { before, after, delta: decimals.value(delta), share };
}

/**
 * The members with the greatest changes, in either direction; ties in the order given. The others are told together: all add up to the whole.
 * `isCut` where `members` are not all that there are.
 */
export function contributionsOf(
  members: readonly Member[],
  whole: { before: Amount; after: Amount },
  top: number,
  decimals: Decimals,
  isCut: boolean,
): Contributions {
  const change = decimals.units(whole.after) - decimals.units(whole.before);
  const ranked = members
    .map((one) => ({ one, size: size(decimals.units(one.after) - decimals.units(one.before)) }))
    .sort((a, b) => (a.size < b.size ? 1 : a.size > b.size ? -1 : 0));
  const told = ranked
    .slice(0, top)
    .filter((each) => each.size > 0n)
    .map(({ one }) => one);
  const count = members.length - told.length;
  const shown = told.map(({ member, before, after }) => ({
    member,
    ...moved(before, after, change, decimals),
  }));
  if (count === 0 && !isCut) return { members: shown, others: null };
  const rest = (side: 'before' | 'after') =>
    restOf(
      whole[side],
      told.map((one) => one[side]),
      decimals,
    );
  return {
    members: shown,
    others: { members: isCut ? null : count, ...moved(rest('before'), rest('after'), change, decimals) },
  };
}
