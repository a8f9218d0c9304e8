import type { DuckDBConnection } from '@duckdb/node-api';
import { countCells } from './count-cells.ts';
import type { Candidates } from './find-candidates.ts';
import { type NumberCounts, type NumberStyle, numberAggregates, numberKind } from './number-format.ts';
import type { NumberMarks, NumberReadings } from './number-marks.ts';
import { type RawTable, rows } from './raw-table.ts';
import { identifier } from './sql-text.ts';

/** What all rows of a column are: how many values, and how many of them fit each candidate. */
export interface ValueCounts {
  values: number;
  fits: Map<string, number>;
  /** Of the values that fit a format that has doubts, how many are likely meant so. */
  plausible: Map<string, number>;
  /** By style; empty where the column is no candidate for numbers. */
  numbers: NumbersFound[];
  /** Least and greatest value in lower case, of a column that may be boolean. */
  least: string | null;
  greatest: string | null;
}

/** What a column's numbers are in one style. */
export interface NumbersFound {
  style: NumberStyle;
  counts: NumberCounts;
  /** Where the caller lets numbers have marks. */
  marks: MarkCounts | undefined;
}

/** What stands with the numbers of a column. */
export interface MarkCounts {
  marked: number;
  percents: number;
  currencies: number;
  /** How many different ones, and one of them. */
  kinds: number;
  currency: string | null;
}

/** A value's text as the typed readings see it: trimmed, and null where nothing is left. */
export const trimmed = (source: string) => `nullif(trim(${identifier(source)}), '')`;

/** How many values are numbers. */
export const fitOf = ({ integers, grouped, fixed, floats }: NumberCounts) =>
  integers + grouped + fixed + floats;

const COLUMNS_AT_ONCE = 100;
/** From so many columns of one kind on, and up to so many rows, cells are counted in place of columns. */
const CELLS_FROM_COLUMNS = 16;
const CELLS_TO_ROWS = 20_000;

interface Ask {
  /** Columns over the file's. */
  texts: string[];
  /** Columns over `texts`. */
  kinds: string[];
  aggregates: string[];
  take: (next: () => string | null) => void;
}

function ask(
  { index, source, candidates, relaxed, marks }: Open,
  style: NumberStyle,
  counts: ValueCounts,
): Ask {
  const text = `t${index}`;
  const kind = `k${index}`;
  const digits = marks ? `n${index}` : text;
  const { formats, number } = candidates;
  const booleans = formats.some(({ type }) => type === 'boolean');
  const doubted = formats.filter(({ plausible }) => plausible);
  const numbers = number ? Object.entries(numberAggregates(digits, kind, style)) : [];
  const value = trimmed(source);
  const marked = marks && {
    [digits]: marks.unmarked(value),
    [`m${index}`]: marks.isMarked(value),
    [`p${index}`]: marks.isPercent(value),
    [`c${index}_`]: marks.currency(value),
  };
  return {
    texts: [
      `${value} AS ${text}`,
      ...(number ? Object.entries(marked ?? {}).map(([name, sql]) => `${sql} AS ${name}`) : []),
    ],
    kinds: number ? [`${numberKind(digits, style, relaxed)} AS ${kind}`] : [],
    aggregates: [
      `count(${text})`,
      ...formats.map((format) => `count(*) FILTER (${format.test(text)})`),
      ...doubted.map(
        ({ test, plausible }) => `count(*) FILTER (CASE WHEN ${test(text)} THEN ${plausible!(text)} END)`,
      ),
      ...(booleans ? [`min(lower(${text}))`, `max(lower(${text}))`] : []),
      ...numbers.map(([, sql]) => sql),
      ...(number && marks ? markAggregates(kind, `m${index}`, `p${index}`, `c${index}_`) : []),
    ],
    take(next) {
      counts.values = Number(next());
      for (const { id } of formats) counts.fits.set(id, Number(next()));
      for (const { id } of doubted) counts.plausible.set(id, Number(next()));
      if (booleans) [counts.least, counts.greatest] = [next(), next()];
      const found = Object.fromEntries(numbers.map(([name]) => [name, Number(next())]));
      if (!number) return;
      const numberCounts = found as unknown as NumberCounts;
      counts.numbers.push({ style, counts: numberCounts, marks: marks && takeMarks(next) });
    },
  };
}

function markAggregates(kind: string, isMarked: string, isPercent: string, currency: string): string[] {
  const ofNumber = `CASE WHEN ${kind} > 0 THEN ${currency} END`;
  return [
    `count(*) FILTER (${kind} > 0 AND ${isMarked})`,
    `count(*) FILTER (${kind} > 0 AND ${isPercent})`,
    `count(${ofNumber})`,
    `count(DISTINCT ${ofNumber})`,
    `min(${ofNumber})`,
  ];
}

const takeMarks = (next: () => string | null): MarkCounts => ({
  marked: Number(next()),
  percents: Number(next()),
  currencies: Number(next()),
  kinds: Number(next()),
  currency: next(),
});

type Open = {
  source: string;
  index: number;
  candidates: Candidates;
  relaxed: boolean;
  marks: NumberMarks | undefined;
};

/** Counts over every row of the file, in one statement for a hundred columns. */
export async function countValues(
  connection: DuckDBConnection,
  table: RawTable,
  candidates: readonly Candidates[],
  { given, point, comma, marks }: NumberReadings,
): Promise<ValueCounts[]> {
  const all = table.columns.map(
    (): ValueCounts => ({
      values: 0,
      fits: new Map(),
      plausible: new Map(),
      numbers: [],
      least: null,
      greatest: null,
    }),
  );
  const open = table.columns.flatMap(({ source, forced }, index): Open[] => {
    const each = candidates[index]!;
    const relaxed = forced !== undefined;
    return each.number || each.formats.length > 0
      ? [{ source, index, candidates: each, relaxed, marks }]
      : [];
  });
  const isShort = open.length >= CELLS_FROM_COLUMNS && (await isAtMost(connection, table, CELLS_TO_ROWS));
  const count = isShort ? countShort : countTall;
  await count(connection, table.from, open, given ?? point, all);
  if (given) return all;
  const doubtful = open
    .filter(({ index }) => all[index]!.numbers.some(({ counts }) => mayBeComma(counts, all[index]!.values)))
    .map((each) => ({ ...each, candidates: { number: true, formats: [] } }));
  await count(connection, table.from, doubtful, comma, all);
  return all;
}

/** Whether a column may be written with a decimal comma: the point does not fit, or what it is could be a mark of thousands. */
function mayBeComma(counts: NumberCounts, values: number): boolean {
  if (fitOf(counts) < values) return true;
  return counts.grouped > 0 || (counts.floats === 0 && counts.leastScale === 3 && counts.scale === 3);
}

async function isAtMost(connection: DuckDBConnection, table: RawTable, max: number): Promise<boolean> {
  if (table.rows !== undefined) return table.rows <= max;
  const [[found] = []] = await rows(
    connection,
    `SELECT count(*) FROM (SELECT 1 FROM ${table.from} LIMIT ${max + 1})`,
  );
  return Number(found) <= max;
}

/** For tables of few rows: columns of which the same is asked are counted together. */
async function countShort(
  connection: DuckDBConnection,
  from: string,
  open: readonly Open[],
  style: NumberStyle,
  all: readonly ValueCounts[],
): Promise<void> {
  const alike = Map.groupBy(open, ({ candidates, relaxed }) =>
    JSON.stringify([relaxed, candidates.number, candidates.formats.map(({ id }) => id)]),
  );
  for (const group of alike.values()) {
    if (group.length < CELLS_FROM_COLUMNS) {
      await countTall(connection, from, group, style, all);
      continue;
    }
    const of = (source: string) => ask({ ...group[0]!, source, index: 0 }, style, all[0]!);
    const counted = await countCells(
      connection,
      from,
      group.map(({ source }) => source),
      of,
    );
    for (const [at, each] of group.entries()) {
      const row = counted[at]!.values();
      ask(each, style, all[each.index]!).take(() => row.next().value ?? null);
    }
  }
}

async function countTall(
  connection: DuckDBConnection,
  from: string,
  open: readonly Open[],
  style: NumberStyle,
  all: readonly ValueCounts[],
): Promise<void> {
  for (let start = 0; start < open.length; start += COLUMNS_AT_ONCE) {
    const asks = open.slice(start, start + COLUMNS_AT_ONCE).map((each) => ask(each, style, all[each.index]!));
    const texts = asks.flatMap((each) => each.texts).join(', ');
    const kinds = asks.flatMap((each) => each.kinds).map((sql) => `, ${sql}`);
    const aggregates = asks.flatMap((each) => each.aggregates).join(', ');
    const inner = `(SELECT *${kinds.join('')} FROM (SELECT ${texts} FROM ${from}))`;
    const [row] = await rows(connection, `SELECT ${aggregates} FROM ${inner}`);
    let at = 0;
    const next = () => row![at++] ?? null;
    for (const each of asks) each.take(next);
  }
}
