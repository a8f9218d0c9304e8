import { FAULT_POINTS, type FaultPoint } from '../../src/base/fault-point.ts';

/** `leader`: killed at no point in particular; `reader`: a process that only answers; `server`: that of the metadata. */
export type Death = FaultPoint | 'leader' | 'reader' | 'server';

/** Whose death was where. */
export class Tally {
  readonly at = new Map<Death, number>();
  readonly last: string[] = [];
  kills = 0;

  /** `wanted`: where somebody must have died at the end. */
  constructor(readonly wanted: readonly Death[] = [...FAULT_POINTS, 'leader', 'reader']) {}

  add(death: Death): void {
    this.at.set(death, (this.at.get(death) ?? 0) + 1);
    this.kills++;
    this.last.push(death);
  }

  get missing(): Death[] {
    return this.wanted.filter((death) => !this.at.has(death));
  }

  get missingPoints(): FaultPoint[] {
    return FAULT_POINTS.filter((point) => this.missing.includes(point));
  }
}
