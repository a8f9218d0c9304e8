import { randomOf } from './corpus.ts';

/** An exact number: `digits` behind the point of an integer. */
interface Exact {
  units: bigint;
  scale: number;
}

/** An expression of random parts and what it means, computed here. */
export interface Known<T> {
  text: string;
  value: T | null;
}

export type KnownExpression =
  | ({ type: 'integer' } & Known<bigint>)
  | ({ type: 'decimal'; scale: number } & Known<bigint>)
  | ({ type: 'text' } & Known<string>)
  | ({ type: 'boolean' } & Known<boolean>);

interface Decimal extends Known<bigint> {
  scale: number;
}

const LETTERS = ['a', 'b', 'A', 'B', 'é', ' ', '😀', "'", '\\', '%', 'م', '1'];
const ALPHABET = ['a', 'b', 'A', 'é', '😀', ' '];

const chars = (text: string) => [...text];
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const power = (scale: number) => 10n ** BigInt(scale);
const absolute = (value: bigint) => (value < 0n ? -value : value);
const orNull = <A, T>(value: A | null, of: (value: A) => T | null): T | null =>
  value === null ? null : of(value);
const both = <A, B, T>(a: A | null, b: B | null, of: (a: A, b: B) => T | null): T | null =>
  a === null || b === null ? null : of(a, b);

function byCodePoint(a: string, b: string): number {
  const [x, y] = [chars(a), chars(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const difference = x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}

/** Half away from zero, or towards it. */
function rescaled({ units, scale }: Exact, to: number, round: boolean): bigint {
  if (to >= scale) return units * power(to - scale);
  const unit = power(scale - to);
  const cut = units / unit;
  const isHalf = round && absolute(units % unit) * 2n >= unit;
  return isHalf ? cut + (units < 0n ? -1n : 1n) : cut;
}

const fixed = (units: bigint, scale: number): string => {
  if (scale === 0) return String(units);
  const digits = String(absolute(units)).padStart(scale + 1, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};

export const cellOf = (known: KnownExpression): string | boolean | null => {
  if (known.value === null) return null;
  if (known.type === 'integer') return String(known.value);
  return known.type === 'decimal' ? fixed(known.value, known.scale) : known.value;
};

/** Makes expressions, the same for the same seed. */
export function expressionMaker(seed: number) {
  const below = randomOf(seed);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)]!;
  const word = (from: readonly string[], most: number) =>
    Array.from({ length: below(most + 1) }, () => pick(from)).join('');

  function integer(depth: number): Known<bigint> {
    if (depth === 0) {
      if (below(8) === 0) return { text: 'null::integer', value: null };
      const value = BigInt(below(41) - 20);
      return { text: value < 0n ? `(${value})` : String(value), value };
    }
    const a = () => integer(depth - 1);
    return pick([
      () => arithmetic(a(), a()),
      () => ofTexts(depth),
      () => chosen(depth, a),
      () => ofOne(depth),
    ])();
  }

  function arithmetic(a: Known<bigint>, b: Known<bigint>): Known<bigint> {
    const sign = pick(['+', '-', '*', '%']);
    const value = both(a.value, b.value, (x, y) => {
      if (sign === '+') return x + y;
      if (sign === '-') return x - y;
      if (sign === '*') return x * y;
      return y === 0n ? null : x % y;
    });
    return { text: `(${a.text} ${sign} ${b.text})`, value };
  }

  function ofOne(depth: number): Known<bigint> {
    const a = integer(depth - 1);
    const d = decimal(depth - 1);
    return pick<() => Known<bigint>>([
      () => ({ text: `abs(${a.text})`, value: orNull(a.value, absolute) }),
      () => ({ text: `(- ${a.text})`, value: orNull(a.value, (x) => -x) }),
      () => ({
        text: `round(${d.text})`,
        value: orNull(d.value, (units) => rescaled({ ...d, units }, 0, true)),
      }),
      () => ({
        text: `trunc(${d.text})`,
        value: orNull(d.value, (units) => rescaled({ ...d, units }, 0, false)),
      }),
      () => ({ text: `sign(${a.text})`, value: orNull(a.value, (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n)) }),
      () => ({
        text: `round(${a.text}, -1)`,
        value: orNull(a.value, (x) => rescaled({ units: x, scale: 1 }, 0, true) * 10n),
      }),
    ])();
  }

  function ofTexts(depth: number): Known<bigint> {
    const a = text(depth - 1);
    const part = text(0);
    return pick<() => Known<bigint>>([
      () => ({ text: `length(${a.text})`, value: orNull(a.value, (x) => BigInt(chars(x).length)) }),
      () => ({
        text: `strpos(${a.text}, ${part.text})`,
        value: both(a.value, part.value, (x, y) => {
          const at = x.indexOf(y);
          return at < 0 ? 0n : BigInt(chars(x.slice(0, at)).length + 1);
        }),
      }),
    ])();
  }

  function chosen<T extends Known<unknown>>(depth: number, make: () => T): T {
    const [a, b] = [make(), make()];
    const test = boolean(depth - 1);
    return pick([
      () => ({
        ...a,
        text: `case when ${test.text} then ${a.text} else ${b.text} end`,
        value: test.value ? a.value : b.value,
      }),
      () => ({ ...a, text: `coalesce(${a.text}, ${b.text})`, value: a.value ?? b.value }),
      () => ({
        ...a,
        text: `(case when ${test.text} then ${a.text} end)`,
        value: test.value ? a.value : null,
      }),
    ])() as T;
  }

  function decimal(depth: number): Decimal {
    if (depth === 0) {
      const scale = 1 + below(3);
      const units = BigInt(below(20_001) - 10_000);
      const written = fixed(absolute(units), scale);
      return { text: units < 0n ? `(-${written})` : written, value: units, scale };
    }
    const [a, b] = [decimal(depth - 1), decimal(depth - 1)];
    return pick([
      () => sum(a, b),
      () => product(a, integer(depth - 1)),
      () => remainder(a, b),
      () => cut(a),
      () => a,
    ])();
  }

  function sum(a: Decimal, b: Decimal): Decimal {
    const sign = pick(['+', '-']);
    const scale = Math.max(a.scale, b.scale);
    const value = both(a.value, b.value, (x, y) => {
      const [left, right] = [x * power(scale - a.scale), y * power(scale - b.scale)];
      return sign === '+' ? left + right : left - right;
    });
    return { text: `(${a.text} ${sign} ${b.text})`, value, scale };
  }

  const product = (a: Decimal, b: Known<bigint>): Decimal => ({
    text: `(${a.text} * ${b.text})`,
    value: both(a.value, b.value, (x, y) => x * y),
    scale: a.scale,
  });

  function remainder(a: Decimal, b: Decimal): Decimal {
    const scale = Math.max(a.scale, b.scale);
    const value = both(a.value, b.value, (x, y) =>
      y === 0n ? null : (x * power(scale - a.scale)) % (y * power(scale - b.scale)),
    );
    return { text: `(${a.text} % ${b.text})`, value, scale };
  }

  function cut(a: Decimal): Decimal {
    const scale = below(3);
    const round = below(2) === 0;
    return {
      text: `${round ? 'round' : 'trunc'}(${a.text}, ${scale})`,
      value: orNull(a.value, (units) => rescaled({ units, scale: a.scale }, scale, round)),
      scale,
    };
  }

  function text(depth: number): Known<string> {
    if (depth === 0) {
      if (below(10) === 0) return { text: 'null::text', value: null };
      const value = word(LETTERS, 5);
      return { text: quoted(value), value };
    }
    const a = text(depth - 1);
    return pick([
      () => piece(a),
      () => changed(a),
      () => joined(a, text(depth - 1)),
      () => chosen(depth, () => text(depth - 1)),
      () => shown(depth),
    ])();
  }

  function piece(a: Known<string>): Known<string> {
    const n = below(7) - 2;
    const start = below(8) - 2;
    const count = below(4);
    const of = (expression: string, cut: (x: string[]) => string[]): Known<string> => ({
      text: expression,
      value: orNull(a.value, (x) => cut(chars(x)).join('')),
    });
    return pick([
      () =>
        of(`left(${a.text}, ${n})`, (x) => (n < 0 ? x.slice(0, Math.max(x.length + n, 0)) : x.slice(0, n))),
      () => of(`right(${a.text}, ${n})`, (x) => (n < 0 ? x.slice(-n) : n === 0 ? [] : x.slice(-n))),
      () =>
        of(`substring(${a.text}, ${start}, ${count})`, (x) =>
          x.filter((_, i) => i + 1 >= start && i + 1 < start + count),
        ),
      () => of(`reverse(${a.text})`, (x) => x.reverse()),
      () =>
        of(`lpad(${a.text}, 4, 'xy')`, (x) =>
          [...chars('xyxy').slice(0, Math.max(4 - x.length, 0)), ...x].slice(0, 4),
        ),
      () => of(`rpad(${a.text}, 4)`, (x) => [...x, ...'    '].slice(0, 4)),
    ])();
  }

  function changed(a: Known<string>): Known<string> {
    const [from, to] = [word(ALPHABET, 3), word(ALPHABET, 3)];
    const of = (expression: string, change: (x: string) => string): Known<string> => ({
      text: expression,
      value: orNull(a.value, change),
    });
    const partner = (char: string) => {
      const at = chars(from).indexOf(char);
      return at < 0 ? char : (chars(to)[at] ?? '');
    };
    return pick([
      () => of(`upper(${a.text})`, (x) => x.toUpperCase()),
      () => of(`lower(${a.text})`, (x) => x.toLowerCase()),
      () => of(`trim(${a.text})`, (x) => x.replace(/^ +| +$/g, '')),
      () => of(`rtrim(${a.text})`, (x) => x.replace(/ +$/, '')),
      () =>
        of(`replace(${a.text}, ${quoted(from)}, ${quoted(to)})`, (x) =>
          from === '' ? x : x.replaceAll(from, () => to),
        ),
      () => of(`translate(${a.text}, ${quoted(from)}, ${quoted(to)})`, (x) => chars(x).map(partner).join('')),
      () => of(`split_part(${a.text}, 'a', 2)`, (x) => x.split('a')[1] ?? ''),
    ])();
  }

  const joined = (a: Known<string>, b: Known<string>): Known<string> =>
    pick([
      () => ({ text: `${a.text} || ${b.text}`, value: both(a.value, b.value, (x, y) => x + y) }),
      () => ({ text: `concat(${a.text}, ${b.text})`, value: (a.value ?? '') + (b.value ?? '') }),
      () => ({
        text: `concat_ws('-', ${a.text}, ${b.text})`,
        value: [a.value, b.value].filter((x) => x !== null).join('-'),
      }),
    ])();

  function shown(depth: number): Known<string> {
    const [i, d, b] = [integer(depth - 1), decimal(depth - 1), boolean(depth - 1)];
    return pick([
      () => ({ text: `cast(${i.text} as text)`, value: orNull(i.value, String) }),
      () => ({ text: `cast(${d.text} as text)`, value: orNull(d.value, (units) => fixed(units, d.scale)) }),
      () => ({ text: `cast(${b.text} as text)`, value: orNull(b.value, String) }),
    ])();
  }

  function boolean(depth: number): Known<boolean> {
    if (depth === 0) return truthOf(below(3));
    return pick([() => compared(depth), () => logic(depth), () => tested(depth)])();
  }

  const truthOf = (which: number): Known<boolean> =>
    [
      { text: '(1 = 1)', value: true },
      { text: '(1 = 2)', value: false },
      { text: '(1 = null)', value: null },
    ][which]!;

  function compared(depth: number): Known<boolean> {
    const sign = pick(['=', '<>', '<', '<=', '>', '>='] as const);
    const told = {
      '=': (n: number) => n === 0,
      '<>': (n: number) => n !== 0,
      '<': (n: number) => n < 0,
      '<=': (n: number) => n <= 0,
      '>': (n: number) => n > 0,
      '>=': (n: number) => n >= 0,
    }[sign];
    const of = <T>(a: Known<T>, b: Known<T>, order: (x: T, y: T) => number): Known<boolean> => ({
      text: `(${a.text} ${sign} ${b.text})`,
      value: both(a.value, b.value, (x, y) => told(order(x, y))),
    });
    const [d, e] = [decimal(depth - 1), decimal(depth - 1)];
    const scale = Math.max(d.scale, e.scale);
    return pick([
      () => of(integer(depth - 1), integer(depth - 1), (x, y) => (x < y ? -1 : x > y ? 1 : 0)),
      () => of(text(depth - 1), text(depth - 1), byCodePoint),
      () => of(boolean(depth - 1), boolean(depth - 1), (x, y) => Number(x) - Number(y)),
      () =>
        of(d, e, (x, y) => {
          const [left, right] = [x * power(scale - d.scale), y * power(scale - e.scale)];
          return left < right ? -1 : left > right ? 1 : 0;
        }),
    ])();
  }

  function logic(depth: number): Known<boolean> {
    const [a, b] = [boolean(depth - 1), boolean(depth - 1)];
    const either = (dominant: boolean) =>
      a.value === dominant || b.value === dominant ? dominant : both(a.value, b.value, () => !dominant);
    return pick<() => Known<boolean>>([
      () => ({ text: `(${a.text} and ${b.text})`, value: either(false) }),
      () => ({ text: `(${a.text} or ${b.text})`, value: either(true) }),
      () => ({ text: `(not ${a.text})`, value: orNull(a.value, (x) => !x) }),
    ])();
  }

  function tested(depth: number): Known<boolean> {
    const [a, b, c] = [integer(depth - 1), integer(depth - 1), text(depth - 1)];
    const start = text(0);
    return pick<() => Known<boolean>>([
      () => ({ text: `(${c.text} is null)`, value: c.value === null }),
      () => ({ text: `(${a.text} is distinct from ${b.text})`, value: a.value !== b.value }),
      () => ({ text: `(${a.text} in (1, ${b.text}))`, value: among(a.value, [1n, b.value]) }),
      () => ({
        text: `starts_with(${c.text}, ${start.text})`,
        value: both(c.value, start.value, (x, y) => x.startsWith(y)),
      }),
      () => ({ text: `(${a.text} between -2 and 5)`, value: orNull(a.value, (x) => x >= -2n && x <= 5n) }),
    ])();
  }

  const among = (value: bigint | null, items: (bigint | null)[]) =>
    value === null ? null : items.includes(value) ? true : items.includes(null) ? null : false;

  return (): KnownExpression => {
    const depth = 1 + below(4);
    return pick<() => KnownExpression>([
      () => ({ type: 'integer', ...integer(depth) }),
      () => ({ type: 'decimal', ...decimal(depth) }),
      () => ({ type: 'text', ...text(depth) }),
      () => ({ type: 'boolean', ...boolean(depth) }),
    ])();
  };
}
