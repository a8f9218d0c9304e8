/** Places at which a process may be made to die, to show that nothing is lost or doubled. */
export const FAULT_POINTS = [
  'batch.staged',
  'file.written',
  'file.named',
  'publish.before',
  'publish.within',
  'publish.after',
  'checkpoint.before',
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
  'claim.after',
  'complete.before',
  'complete.after',
  'fire.before',
  'fire.within',
  'fire.after',
  'lease.taken',
  'lost.before',
  'lost.after',
] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

/** Called where work has come to a point; tests pass one that does not come back. */
export interface FaultPoints {
  reach(point: FaultPoint): Promise<void> | void;
}

export const NO_FAULTS: FaultPoints = { reach: () => undefined };
