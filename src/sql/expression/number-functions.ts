import { raw, type Sql, sql } from '../ast.ts';
import { arithmetic } from './arithmetic.ts';
import {
  type Call,
  callFault,
  type FunctionRule,
  floatAt,
  floatOf,
  integerOf,
  numberAt,
  writtenCount,
} from './call.ts';
import { MAX_SCALE, type Value } from './value.ts';

const MOST_BEFORE = 18;

const one = (usage: string, build: (call: Call) => Value): FunctionRule => ({ usage, min: 1, max: 1, build });

/** Exact numbers to whole ones, floats to floats. */
const toWhole = (name: string, build: 'floor' | 'ceil'): FunctionRule =>
  one(`${name}(x)`, (call) => {
    const { numbers } = call.context.spell;
    const value = numberAt(call, 0);
    if (value.type === 'integer') return value;
    const whole = numbers[build](value.sql);
    return value.type === 'float' ? floatOf(whole) : integerOf(numbers.whole(whole));
  });

/** round(x, n) and trunc(x, n): a decimal with n digits behind the point, an integer where there is no n, a float of a float. */
const toDigits = (name: string, which: 'round' | 'truncate'): FunctionRule => ({
  usage: `${name}(x[, n])`,
  min: 1,
  max: 2,
  build: (call) => {
    const value = numberAt(call, 0);
    const digits = call.args.length > 1 ? writtenCount(call, 1, -MOST_BEFORE, MAX_SCALE) : 0;
    return value.type === 'float'
      ? floatOf(floatToDigits(value.sql, digits, which, call))
      : exactToDigits(value, digits, which, call);
  },
});

function exactToDigits(value: Value, digits: number, which: 'round' | 'truncate', call: Call): Value {
  const { numbers } = call.context.spell;
  const inDigits = which === 'round' ? numbers.roundExact : numbers.truncateExact;
  if (value.type === 'integer') {
    if (digits >= 0) return value;
    return integerOf(numbers.whole(inDigits(numbers.whole(value.sql), digits)));
  }
  const { scale } = value;
  const wide = scale === undefined ? value.sql : numbers.decimal(value.sql, scale);
  const cut = scale !== undefined && digits >= scale ? wide : inDigits(wide, digits);
  if (call.args.length === 1) return integerOf(numbers.whole(cut));
  const kept = Math.max(digits, 0);
  return { type: 'decimal', scale: kept, sql: numbers.decimal(cut, kept) };
}

function floatToDigits(value: Sql, digits: number, which: 'round' | 'truncate', call: Call): Sql {
  const { numbers } = call.context.spell;
  const toWhole = which === 'round' ? numbers.roundFloat : numbers.truncateFloat;
  if (digits === 0) return toWhole(value);
  const factor = raw(`1e${Math.abs(digits)}`);
  return digits > 0
    ? sql`(${toWhole(sql`(${value} * ${factor})`)} / ${factor})`
    : sql`(${toWhole(sql`(${value} / ${factor})`)} * ${factor})`;
}

const ofFloat = (name: 'exp', usage: string): FunctionRule =>
  one(usage, (call) => floatOf(call.context.spell.numbers[name](floatAt(call, 0))));

/** Null where the function has no value. */
const where = (name: 'sqrt' | 'ln' | 'log10', test: string): FunctionRule =>
  one(`${name}(x)`, (call) => {
    const value = floatAt(call, 0);
    return floatOf(sql`CASE WHEN ${value} ${raw(test)} THEN ${call.context.spell.numbers[name](value)} END`);
  });

const power: FunctionRule = {
  usage: 'power(x, y)',
  min: 2,
  max: 2,
  build: (call) => {
    const [x, y] = [floatAt(call, 0), floatAt(call, 1)];
    const { numbers } = call.context.spell;
    return floatOf(
      sql`CASE WHEN ${x} > 0 OR (${x} = 0 AND ${y} >= 0) OR (${x} < 0 AND ${y} = ${numbers.truncateFloat(y)}) THEN ${numbers.power(x, y)} END`,
    );
  },
};

const abs = one('abs(x)', (call) => {
  const { type, scale, sql: given } = numberAt(call, 0);
  const { numbers } = call.context.spell;
  return { type, scale, sql: numbers.abs(type === 'integer' ? numbers.whole(given) : given) };
});

const sign = one('sign(x)', (call) => {
  const { sql: given } = numberAt(call, 0);
  const { numbers } = call.context.spell;
  return integerOf(numbers.whole(numbers.sign(given)));
});

const mod: FunctionRule = {
  usage: 'mod(x, y)',
  min: 2,
  max: 2,
  build: (call) => {
    const [x, y] = [numberAt(call, 0), numberAt(call, 1)];
    if (x.type === 'float' || y.type === 'float')
      throw callFault(call, 'takes integers and decimals; cast floats to decimal');
    return arithmetic('%', x, y, call.at, call.context);
  },
};

export const NUMBER_FUNCTIONS = {
  abs,
  round: toDigits('round', 'round'),
  trunc: toDigits('trunc', 'truncate'),
  floor: toWhole('floor', 'floor'),
  ceil: toWhole('ceil', 'ceil'),
  ceiling: toWhole('ceiling', 'ceil'),
  sign,
  sqrt: where('sqrt', '>= 0'),
  power,
  exp: ofFloat('exp', 'exp(x)'),
  ln: where('ln', '> 0'),
  log10: where('log10', '> 0'),
  mod,
} satisfies Record<string, FunctionRule>;
