/**
 * Places at which a process may be made to die, to show that nothing is lost or doubled. `within` is in a transaction of the metadata: what it
 * writes is written, and not committed.
 */
export const FAULT_POINTS = [
  'batch.staged',
  'file.written',
  'file.named',
  'publish.before',
  'publish.within',
  'publish.after',
  'checkpoint.before',
  'checkpoint.within',
  'checkpoint.after',
  'rewrite.before',
  'rewrite.after',
  'compact.before',
  'compact.named',
  'compact.within',
  'compact.after',
  'collect.listed',
  'collect.removed',
  'claim.before',
  'claim.within',
  'claim.after',
  'beat.before',
  'beat.within',
  'beat.after',
  'complete.before',
  'complete.within',
  'complete.after',
  'fire.before',
  'fire.within',
  'fire.after',
  'lease.taken',
  'renew.before',
  'renew.after',
  'lost.before',
  'lost.within',
  'lost.after',
] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

/** Called where work has come to a point; tests pass one that does not come back. */
export interface FaultPoints {
  reach(point: FaultPoint): Promise<void> | void;
}

export const NO_FAULTS: FaultPoints = { reach: () => undefined };
