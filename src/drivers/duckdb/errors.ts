import { AppError, type Code } from '../../base/errors.ts';

interface Rule {
  /** Start of DuckDB's message. */
  prefix: RegExp;
  code: Code;
  detail: string;
  params?: Record<string, unknown>;
}

/** DuckDB tells kinds of errors apart by the start of their text alone. */
const RULES: readonly Rule[] = [
  { prefix: /^INTERRUPT Error/i, code: 'query.cancelled', detail: 'The query was cancelled' },
  {
    prefix: /^Out of Memory Error/i,
    code: 'limit.memory',
    detail: 'The query needs more memory than a worker may use; ask for fewer groups, or for a filter',
    params: { limit: 'DUCKDB_MEMORY_LIMIT' },
  },
  {
    prefix: /^(IO|HTTP) Error.*(no space left|disk full|ENOSPC)/is,
    code: 'storage.full',
    detail: 'There is no room on the disk',
  },
  {
    prefix:
      /^Invalid Input Error.*(regex|regular expression|missing [)\]]|repetition|escape sequence|perl operator|character class|named capture|argument)/is,
    code: 'query.type',
    detail: 'A pattern is not a valid regular expression (RE2)',
  },
  {
    prefix: /^Out of Range Error|^Conversion Error/i,
    code: 'query.failed',
    detail: 'A value is outside of the range of its type',
  },
];

/** A value does not fit the type that it was to have, as DuckDB says it. */
export const hasNoRoom = (error: unknown): boolean =>
  error instanceof Error && /^(?:Conversion|Out of Range|Invalid Input) Error/i.test(error.message);

/** What DuckDB would say of a decimal with more digits behind the point than its types have. */
export const noRoomForDigits = (digits: number) =>
  new Error(`Out of Range Error: ${digits} digits behind the point`);

/** An error of DuckDB as one of ours; its text, which may quote data, stays in the cause. AppErrors pass as they are. */
export function mapDuckDbError(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const rule = RULES.find(({ prefix }) => prefix.test(error.message));
  return rule ? new AppError(rule.code, rule.detail, { params: rule.params, cause: error }) : error;
}

const UNBOUND = /^(?:Binder|Catalog) Error: ([^\n]+)/;
const NO_SUCH = /not found|does not have a column|does not exist/;

/** As `mapDuckDbError`, of a caller's own statement: names and types that do not fit are its fault. That text holds no data: binding reads none. */
export function mapStatementError(error: unknown): unknown {
  const [, said] = (error instanceof Error && UNBOUND.exec(error.message)) || [];
  if (said === undefined || error instanceof AppError) return mapDuckDbError(error);
  return new AppError(NO_SUCH.test(said) ? 'query.field' : 'query.type', said, {
    pointer: '/sql',
    cause: error,
  });
}
