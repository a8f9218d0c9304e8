/** What one member of a dimension has to do with a change. */
export interface Contribution {
  member: unknown;
  before: number | null;
  after: number | null;
  delta: number;
  /** Of the whole change; null where the whole did not change. */
  share: number | null;
}

/** The members with the greatest changes, in either direction; ties in the order given. */
export function contributionsOf(
  members: readonly Pick<Contribution, 'member' | 'before' | 'after'>[],
  change: number,
  top: number,
): Contribution[] {
  return members
    .map(({ member, before, after }) => {
      const delta = (after ?? 0) - (before ?? 0);
      return { member, before, after, delta, share: change === 0 ? null : delta / change };
    })
    .filter(({ delta }) => delta !== 0)
    .sort((a, b) => Math.abs(b.delta) - Math.abs(a.delta))
    .slice(0, top);
}
