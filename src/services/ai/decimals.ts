import { AppError } from '../../base/errors.ts';

const PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i;

/** Digits behind the point. */
function scaleOf(text: string): number {
  const [, , , behind = '', exponent = '0'] = PARTS.exec(text) ?? [];
  return Math.max(0, behind.length - Number(exponent));
}

/** Numbers of an answer as whole numbers of one unit, so that they add up without loss: decimals in text, or numbers as they are shown. */
export class Decimals {
  readonly #scale: number;
  /** As the language of queries has it: decimals and what a number cannot hold travel as text. */
  readonly #asText: boolean;

  /** Throws AppError `query.type` for what is no number, or none that ends: with it nothing adds up. */
  constructor(values: readonly unknown[]) {
    const told = values.filter((value) => value !== null && value !== undefined);
    if (!told.every((value) => PARTS.test(String(value))))
      throw new AppError('query.type', 'The measure has values that are no finite numbers', {
        pointer: '/measure',
      });
    this.#asText = told.some((value) => typeof value === 'string');
    this.#scale = Math.max(0, ...told.map((value) => scaleOf(String(value))));
  }

  /** 0 for none. */
  units(value: unknown): bigint {
    if (value === null || value === undefined) return 0n;
    const [, sign = '', whole = '0', behind = '', exponent = '0'] = PARTS.exec(String(value)) ?? [];
    const zeros = this.#scale - behind.length + Number(exponent);
    return BigInt(`${sign}${whole}${behind}${'0'.repeat(zeros)}`);
  }

  value(units: bigint): number | string {
    const digits = String(units < 0n ? -units : units).padStart(this.#scale + 1, '0');
    const at = digits.length - this.#scale;
    const point = this.#scale > 0 ? `.${digits.slice(at)}` : '';
    const text = `${units < 0n ? '-' : ''}${digits.slice(0, at)}${point}`;
    return this.#asText ? text : Number(text);
  }
}
