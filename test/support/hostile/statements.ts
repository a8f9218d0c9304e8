import { AGGREGATES, SCALARS } from '../../../src/sql/gate/rules/duckdb-functions.ts';

/** Numbers between 0 and 1 from a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Type = 'number' | 'text' | 'time' | 'truth' | 'list' | 'json';

const TYPES: readonly Type[] = ['number', 'text', 'time', 'truth', 'list', 'json'];
const COLUMNS: Readonly<Record<Type, readonly string[]>> = {
  number: ['qty', 'amount', 'id', 'tiny', 'huge', 'wide', 'odd'],
  text: ['region', 'note', 'long', 'brackets', 'objects', 'parens', 'blank', 'nothing'],
  time: ['ordered_at', 'first_day', 'last_day'],
  truth: ['(qty > 1)', '(region is null)'],
  list: ['tags', '[qty, id]', '[note, long]', "string_split(note, ' ')"],
  json: ['data', 'nested', "'{}'::json"],
};
const NUMBERS = [
  '0',
  '-1',
  '1',
  '2',
  '7',
  '100',
  '65536',
  '1000000',
  '1000000000',
  '9223372036854775807',
  '1e308',
  '0.1',
];
const TEXTS = [
  "''",
  "'a'",
  "'%'",
  "'$.a'",
  "'$..*'",
  "'[]'",
  "'day'",
  "'%Y-%m'",
  "'UTC'",
  "'sum'",
  "'(a|b)*'",
  "'é😀'",
  "'{}'",
  "'{:9999999}'",
  "'%9999999d'",
];
const TIMES = [
  "timestamp '0001-01-01'",
  "timestamp '9999-12-31 23:59:59'",
  "'infinity'::timestamp",
  "date '2024-02-29'",
  "timestamp '294247-01-10'",
];
const SIZES = [1, 2, 3, 5, 12, 30, 60, 300, 5000];

/** Random statements over `orders` out of what the gate may allow, with sizes that are meant to hurt. */
export class Statements {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = random(seed);
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#next() * items.length)]!;
  }

  #chance(share: number): boolean {
    return this.#next() < share;
  }

  #size(): number {
    return this.#chance(0.85) ? this.#pick(SIZES.slice(0, 4)) : this.#pick(SIZES);
  }

  #repeat(count: number, text: (index: number) => string, separator = ', '): string {
    return Array.from({ length: count }, (_, index) => text(index)).join(separator);
  }

  #leaf(type: Type): string {
    if (this.#chance(0.6)) return this.#pick(COLUMNS[type]);
    if (type === 'number') return this.#pick(NUMBERS);
    if (type === 'text') return this.#pick(TEXTS);
    return type === 'time' ? this.#pick(TIMES) : this.#pick(COLUMNS[type]);
  }

  #call(depth: number): string {
    const name = this.#pick([...SCALARS]);
    return `${name}(${this.#repeat(Math.floor(this.#next() * 4), () => this.#value(this.#pick(TYPES), depth - 1))})`;
  }

  /** One shape wrapped around itself: what doubles shows at depth. */
  #nested(type: Type): string {
    const wraps: readonly ((inner: string) => string)[] = [
      (inner) => `nullif(${inner}, ${this.#leaf(type)})`,
      (inner) => `coalesce(${inner}, ${this.#leaf(type)})`,
      (inner) =>
        `case ${inner} when ${this.#leaf(type)} then ${this.#leaf(type)} when ${this.#leaf(type)} then ${this.#leaf(type)} end`,
      (inner) =>
        `case when ${inner} between ${this.#leaf(type)} and ${this.#leaf(type)} then ${this.#leaf(type)} end`,
      (inner) => `greatest(${inner}, ${this.#leaf(type)})`,
      (inner) => `(select max(q) from (select ${inner} as q))`,
      (inner) => `list_transform([${this.#leaf(type)}], y -> ${inner})[1]`,
      (inner) => `[${inner} for z in [1]][1]`,
      ...(type === 'text'
        ? [
            (inner: string) => `replace(${inner}, ${this.#leaf('text')}, ${this.#leaf('text')})`,
            (inner: string) => `(${inner} || ${this.#leaf('text')})`,
            (inner: string) => `split_part(${inner}, ',', 1)`,
            (inner: string) => `regexp_replace(${inner}, 'a', ${this.#leaf('text')}, 'g')`,
          ]
        : []),
      ...(type === 'number' ? [(inner: string) => `(${inner} + ${inner.length < 200 ? inner : '1'})`] : []),
      ...(type === 'json'
        ? [(inner: string) => `${inner}->'a'`, (inner: string) => `to_json([${inner}])`]
        : []),
    ];
    const wrap = this.#pick(wraps);
    return this.#repeat(this.#size() % 31, () => '', ' ')
      .split(' ')
      .reduce((inner) => wrap(inner), this.#leaf(type));
  }

  #shaped(type: Type, depth: number): string {
    const value = (of: Type) => this.#value(of, depth - 1);
    const shapes: Readonly<Record<Type, readonly (() => string)[]>> = {
      number: [
        () => `(${value('number')} ${this.#pick(['+', '-', '*', '/', '//', '%', '**'])} ${value('number')})`,
        () => `length(${value('text')})`,
        () => `date_diff('day', ${value('time')}, ${value('time')})`,
        () =>
          `try_cast(${value('text')} as ${this.#pick(['bigint', 'double', 'decimal(38, 10)', 'hugeint'])})`,
        () => `list_aggregate(${value('list')}, ${this.#pick(["'sum'", "'median'", "'histogram'"])})`,
        () => `levenshtein(${value('text')}, ${value('text')})`,
      ],
      text: [
        () => `(${value('text')} || ${value('text')})`,
        () =>
          `${this.#pick(['repeat', 'left', 'right', 'lpad', 'rpad'])}(${value('text')}, ${value('number')})`,
        () => `${this.#pick(['lpad', 'rpad'])}(${value('text')}, ${this.#pick(NUMBERS)}, ${value('text')})`,
        () =>
          `${this.#pick(['format', 'printf', 'concat', 'concat_ws'])}(${this.#repeat(this.#size() % 20, () => value('text'))})`,
        () => `regexp_extract(${value('text')}, '${this.#pattern()}')`,
        () => `cast(${value(this.#pick(TYPES))} as varchar)`,
        () => `array_to_string(${value('list')}, ${value('text')})`,
        () => `strftime(${value('time')}, ${value('text')})`,
        () => `(${value('json')}->>${value('text')})`,
      ],
      time: [
        () => `date_trunc(${this.#pick(["'month'", "'century'", "'microsecond'"])}, ${value('time')})`,
        () =>
          `(${value('time')} + to_${this.#pick(['days', 'years', 'microseconds'])}(${value('number')}::int))`,
        () =>
          `time_bucket(interval '${this.#pick(['1 microsecond', '1 day', '9999 years'])}', ${value('time')})`,
      ],
      truth: [
        () =>
          `(${value('text')} ${this.#pick(['~', 'like', 'ilike', 'similar to', 'glob', '='])} ${value('text')})`,
        () => `(${value('number')} in (${this.#repeat(this.#size(), () => this.#leaf('number'))}))`,
        () => `(${value('time')} between ${value('time')} and ${value('time')})`,
      ],
      list: [
        () => `[${this.#repeat(this.#size() % 400, () => this.#leaf('number'))}]`,
        () => `${this.#pick(['range', 'generate_series'])}(${this.#pick(NUMBERS)}, ${this.#pick(NUMBERS)})`,
        () => `string_split(${value('text')}, ${value('text')})`,
        () => `list_concat(${value('list')}, ${value('list')})`,
        () => `list_transform(${value('list')}, x -> ${value('text')})`,
        () => `list_filter(${value('list')}, x -> x is not null)`,
        () => `regexp_extract_all(${value('text')}, '${this.#pattern()}')`,
      ],
      json: [
        () => `to_json(${value(this.#pick(TYPES))})`,
        () => `json_extract(${value('json')}, ${value('text')})`,
        () => `try_cast(${value('text')} as json)`,
        () => `json_object(${value('text')}, ${value('json')})`,
        () => `json_group_array(${value('json')})`,
      ],
    };
    return this.#pick(shapes[type])();
  }

  #pattern(): string {
    const count = this.#size();
    return this.#pick([
      () => `${'('.repeat(count)}a${')'.repeat(count)}`,
      () => '(a*)*'.repeat(Math.min(count, 100)),
      () => `a{1,${this.#pick([10, 1000])}}`.repeat(Math.min(count, 50)),
      () => '.*'.repeat(Math.min(count, 100)),
    ])();
  }

  #value(type: Type, depth: number): string {
    if (depth <= 0 || this.#chance(0.25)) return this.#leaf(type);
    const kind = this.#next();
    if (kind < 0.15) return this.#nested(type);
    return kind < 0.4 ? this.#call(depth) : this.#shaped(type, depth);
  }

  #aggregate(): string {
    const name = this.#pick([...AGGREGATES]);
    const args = this.#repeat(1 + Math.floor(this.#next() * 2), () => this.#value(this.#pick(TYPES), 2));
    const over = this.#chance(0.2) ? ' over (partition by region order by id)' : '';
    return `${name}(${args})${over}`;
  }

  #source(depth: number): string {
    if (depth <= 0 || this.#chance(0.5)) return 'orders';
    return this.#pick([
      () => `(${this.#select(depth - 1)}) s${depth}`,
      () => `(select *, * from ${this.#source(depth - 1)}) s${depth}`,
      () => `orders join orders o${depth} using (id)`,
      () => `orders ${this.#repeat(this.#size() % 70, (i) => `join orders j${i} using (id)`, ' ')}`,
      () => `orders, ${this.#pick(['range', 'generate_series'])}(${this.#pick(NUMBERS)}) r(v)`,
      () => `(pivot orders on ${this.#value('text', 1)} using ${this.#aggregate()}) p${depth}`,
      () => `(unpivot orders on qty, id into name k value v) u${depth}`,
    ])();
  }

  #grouping(): string {
    const count = this.#size() % 25;
    if (count === 0) return ' group by all';
    const list = this.#repeat(count, (i) => `id + ${i}`);
    return ` group by ${this.#pick([`cube (${list})`, `rollup (${list})`, `grouping sets ((), (${list}))`, list])}`;
  }

  #select(depth: number): string {
    const from = ` from ${this.#source(depth)}`;
    const where = this.#chance(0.4) ? ` where ${this.#value('truth', 2)}` : '';
    if (this.#chance(0.3)) {
      const items = this.#repeat(1 + (this.#size() % 3), () => this.#aggregate());
      return `select ${items}${from}${where}${this.#chance(0.4) ? this.#grouping() : ''}`;
    }
    const items = this.#repeat(
      1 + (this.#size() % 5),
      (i) => `${this.#value(this.#pick(TYPES), 4)} as a${i}`,
    );
    const aliases = this.#chance(0.1)
      ? `, ${this.#repeat(this.#size() % 40, (i) => `a${i} || a${i} as a${i + 1}`)}`
      : '';
    return `select ${items}${aliases === ', ' ? '' : aliases}${from}${where}${this.#chance(0.2) ? ` order by ${this.#value('text', 1)}` : ''}`;
  }

  next(): string {
    const kind = this.#next();
    if (kind < 0.06)
      return `with recursive r as (select ${this.#leaf('text')} as x, 1 as n union all select ${this.#value('text', 2).replaceAll('region', 'x')}, n + 1 from r where n < ${this.#pick(NUMBERS)}) select count(*) from r`;
    if (kind < 0.12)
      return `with c0 as (from orders), ${this.#repeat(1 + (this.#size() % 30), (i) => `c${i + 1} as (select * from c${i} ${this.#chance(0.3) ? `, c${i} d` : ''})`)} select count(*) from c1`;
    if (kind < 0.18)
      return this.#repeat(
        this.#size(),
        () => this.#select(0),
        this.#pick([' union ', ' union all ', ' except ']),
      );
    if (kind < 0.22)
      return `pivot ${this.#pick(['orders', '(from orders)'])} on ${this.#value('text', 1)} using ${this.#aggregate()}`;
    return this.#select(2);
  }
}
