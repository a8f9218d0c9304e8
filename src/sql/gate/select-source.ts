import { AppError } from '../../base/errors.ts';
import { raw, type Sql, sql } from '../ast.ts';
import type { Engine } from '../dialect.ts';
import { bindSelect, bindTokens, type NamedParams } from './bind-named.ts';
import type { CheckedSelect } from './check-select.ts';
import { isMark, isWord, type Token } from './token.ts';

/** A checked SELECT as something to read from. */
export interface SelectSource {
  /** What must stand before the outermost SELECT: `WITH …`, or empty. SQL Server allows WITH nowhere else. */
  readonly with: Sql;
  /** The query in parentheses; the caller adds its alias. */
  readonly from: Sql;
  /** What must end the whole statement: `OPTION (…)`, or empty. */
  readonly end: Sql;
}

const NOTHING = raw('');

/** Positions of the tokens that stand in no bracket. */
function outermost(tokens: readonly Token[]): number[] {
  const places: number[] = [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (isMark(token, ')')) depth -= 1;
    if (depth === 0) places.push(index);
    if (isMark(token, '(')) depth += 1;
  }
  return places;
}

interface Parts {
  readonly ctes: readonly Token[];
  readonly body: readonly Token[];
  readonly order: readonly Token[];
  readonly option: readonly Token[];
}

function partsOf(tokens: readonly Token[]): Parts {
  const places = outermost(tokens);
  const find = (...words: string[]) => places.find((place) => isWord(tokens[place], ...words));
  const isWith = isWord(tokens[0], 'with');
  const body = isWith
    ? (find('select', 'values') ?? places.findLast((place) => isMark(tokens[place], '(')) ?? 0)
    : 0;
  const option = places.findLast(
    (place) => isWord(tokens[place], 'option') && isMark(tokens[place + 1], '('),
  );
  const end = option ?? tokens.length;
  const order = places.findLast(
    (place) => place < end && isWord(tokens[place], 'order') && isWord(tokens[place + 1], 'by'),
  );
  return {
    ctes: tokens.slice(0, body),
    body: tokens.slice(body, order ?? end),
    order: order === undefined ? [] : tokens.slice(order, end),
    option: tokens.slice(end),
  };
}

const has = (tokens: readonly Token[], ...words: string[]) =>
  outermost(tokens).some((place) => isWord(tokens[place], ...words));

/** A derived table of SQL Server may be ordered only where the order decides which rows it has. */
function mssqlSource(tokens: readonly Token[], params: NamedParams): SelectSource {
  const { ctes, body, order, option } = partsOf(tokens);
  if (has([...body, ...order], 'for')) {
    throw new AppError('query.unsupported', 'A query with FOR JSON or FOR XML cannot be a source', {
      pointer: '/from/sql',
    });
  }
  const isSet = has(body, 'union', 'intersect', 'except');
  const keepsOrder = has(order, 'offset') || (has(body, 'top') && !isSet);
  const bound = (part: readonly Token[]) => (part.length === 0 ? NOTHING : bindTokens(part, params));
  return {
    with: bound(ctes),
    from: sql`(${bound(keepsOrder ? [...body, ...order] : body)})`,
    end: bound(option),
  };
}

const whole = (checked: CheckedSelect, params: NamedParams): SelectSource => ({
  with: NOTHING,
  from: sql`(${bindSelect(checked, params)})`,
  end: NOTHING,
});

const SOURCES: Readonly<Record<Engine, (checked: CheckedSelect, params: NamedParams) => SelectSource>> = {
  postgres: whole,
  mysql: whole,
  duckdb: whole,
  mssql(checked, params) {
    bindSelect(checked, params);
    return mssqlSource(checked.tokens, params);
  },
};

/**
 * A checked statement as a source of specs and pivots: `with SELECT … FROM from AS alias … end`. An order that decides nothing is
 * dropped where the engine refuses it. Throws as `bindNamed` does, and `query.unsupported` for a statement that can be no source.
 */
export const sourceOfSelect = (checked: CheckedSelect, params: NamedParams): SelectSource =>
  SOURCES[checked.engine](checked, params);

const LIMITED: Readonly<Record<Engine, (source: SelectSource, maxRows: number, alias: Sql) => Sql>> = {
  postgres: (source, maxRows, alias) =>
    sql`SELECT * FROM ${source.from} AS ${alias} LIMIT ${raw(String(maxRows))}`,
  mysql: (source, maxRows, alias) =>
    sql`SELECT * FROM ${source.from} AS ${alias} LIMIT ${raw(String(maxRows))}`,
  duckdb: (source, maxRows, alias) =>
    sql`SELECT * FROM ${source.from} AS ${alias} LIMIT ${raw(String(maxRows))}`,
  mssql: ({ with: ctes, from, end }, maxRows, alias) =>
    sql`${ctes} SELECT TOP (${raw(String(maxRows))}) * FROM ${from} AS ${alias} ${end}`,
};

/** The first `maxRows` rows of the statement in no promised order; for previews. To cap a result in its order, let the driver stop reading. */
export function wrapWithLimit(checked: CheckedSelect, params: NamedParams, maxRows: number, alias: Sql): Sql {
  if (!Number.isSafeInteger(maxRows) || maxRows < 0)
    throw new AppError('internal', 'A limit is a whole number');
  return LIMITED[checked.engine](sourceOfSelect(checked, params), maxRows, alias);
}
