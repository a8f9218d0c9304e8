import type { ColumnType } from './column.ts';

/** How values of a type are held: floats as they are; integers and decimals as whole numbers (`value × 10^scale`). */
export type Physical = 'float' | 'whole' | 'boolean' | 'text';

const PHYSICAL: Record<ColumnType, Physical> = {
  integer: 'whole',
  decimal: 'whole',
  float: 'float',
  boolean: 'boolean',
  text: 'text',
  date: 'text',
  time: 'text',
  timestamp: 'text',
  timestamptz: 'text',
  uuid: 'text',
  json: 'text',
  binary: 'text',
};

export const physicalOf = (type: ColumnType): Physical => PHYSICAL[type];

/** States of a slot. */
export const NULL = 0;
export const NUMBER = 1;
/** The value is in `texts`: text, or a whole number past 2^53 in full (already with its decimal point). */
export const TEXT = 2;

/** The values of one column or measure, in columns from the engine to the encoder. */
export class ColumnData {
  readonly physical: Physical;
  readonly numbers: Float64Array;
  readonly states: Uint8Array;
  readonly texts: string[];
  /** Digits after the point of a decimal; known once the engine has answered. */
  scale = 0;

  constructor(
    readonly type: ColumnType,
    readonly size: number,
  ) {
    this.physical = physicalOf(type);
    this.states = new Uint8Array(size);
    this.numbers = new Float64Array(this.physical === 'text' ? 0 : size);
    this.texts = [];
  }

  /** Makes every slot null again. */
  clear(): void {
    this.states.fill(NULL);
    this.numbers.fill(0);
    this.texts.length = 0;
  }
}

/** A whole number as decimal text: `fixed(-1234n, 2)` is `-12.34`. */
export function fixed(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${value < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`;
}
