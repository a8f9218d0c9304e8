import { AppError, type Code } from '../../base/errors.ts';
import { longTextError } from '../long-text.ts';

interface Rule {
  /** Start of DuckDB's message. */
  prefix: RegExp;
  code: Code;
  detail: string;
  /** What the caller can do, behind the types that DuckDB names. */
  remedy?: string;
  params?: Record<string, unknown>;
}

/** DuckDB tells kinds of errors apart by the start of their text alone. */
const RULES: readonly Rule[] = [
  { prefix: /^INTERRUPT Error/i, code: 'query.cancelled', detail: 'The query was cancelled' },
  {
    // The kernel refused more memory to the whole process.
    prefix: /Out of Memory Error: Allocation failure|std::bad_alloc|^Out of memory$/i,
    code: 'limit.memory',
    detail:
      'The query needs more memory than an engine process may use; ask for fewer groups, or for a filter',
    params: { limit: 'ENGINE_MEMORY_LIMIT' },
  },
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
    prefix: /^Out of Range Error/i,
    code: 'query.failed',
    detail: 'A number passes the range of its type',
    remedy: 'cast what is computed to a wider one, such as DOUBLE or DECIMAL(38, 6)',
  },
  {
    prefix: /^Conversion Error/i,
    code: 'query.failed',
    detail: 'A value cannot be converted to a type, or is outside of its range',
    remedy: 'use TRY_CAST, which gives null for it, or leave such rows out by a filter',
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
  const longText = longTextError(error);
  if (longText) return longText;
  const rule = RULES.find(({ prefix }) => prefix.test(error.message));
  if (!rule) return error;
  const detail = rule.remedy ? `${rule.detail}${namedIn(error.message)}; ${rule.remedy}` : rule.detail;
  return new AppError(rule.code, detail, { params: rule.params, cause: error });
}

const OPERATION = /Overflow in (\w+)/i;
const TYPES =
  /\b(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER|8|16|32|64|128)?|DECIMAL(?:\(\d+, ?\d+\))?|DOUBLE|FLOAT|DATE|TIME(?:STAMP)?(?:_\w+)?(?: WITH TIME ZONE)?|TIMESTAMPTZ|BOOL(?:EAN)?|INTERVAL|UUID|BLOB|BIT)(?![A-Z0-9_(])/g;

/** The operation and the last type that DuckDB's text names: never a value, so quoted text is left out. */
function namedIn(message: string): string {
  const [line = ''] = message.split('\n');
  const text = line.replaceAll(/'[^']*'|"[^"]*"/g, '');
  const operation = OPERATION.exec(text)?.[1];
  const type = text.match(TYPES)?.at(-1);
  const named = [operation, type && `type ${type}`].filter(Boolean).join(', ');
  return named === '' ? '' : ` (${named})`;
}

/** Of a caller's own statement, as a whole. Their texts may quote data and stay in the cause. */
const STATEMENT_RULES: readonly Rule[] = [
  {
    prefix: /^Invalid Input Error: A table cannot be created from an unnamed struct/i,
    code: 'query.type',
    detail: "A tuple such as (1, 2) cannot be shown; name its fields, as in {'a': 1, 'b': 2}",
  },
  {
    prefix: /^(?:Failed to extract statements: )?(?:Parser|Syntax) Error/i,
    code: 'query.syntax',
    detail: 'DuckDB cannot parse the statement',
  },
  {
    prefix: /^(?:Not implemented|Missing Extension) Error/i,
    code: 'query.unsupported',
    detail: 'DuckDB cannot do what the statement asks for',
  },
  {
    prefix:
      /^(?:Invalid Input|Invalid Type|Mismatch Type|Parameter Not Allowed|Parameter Not Resolved|Constraint) Error/i,
    code: 'query.failed',
    detail: 'The statement meets a value that it cannot work with',
  },
];

const UNBOUND = /^(?:Binder|Catalog) Error: ([^\n]+)/;
const NO_SUCH = /not found|does not have a column|does not exist/;

/** As `mapDuckDbError`, of a caller's own statement: names and types that do not fit are its fault. That text holds no data: binding reads none. */
export function mapStatementError(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const [, said] = UNBOUND.exec(error.message) ?? [];
  if (said !== undefined)
    return new AppError(NO_SUCH.test(said) ? 'query.field' : 'query.type', said, {
      pointer: '/sql',
      cause: error,
    });
  const known = mapDuckDbError(error);
  const rule = known === error ? STATEMENT_RULES.find(({ prefix }) => prefix.test(error.message)) : undefined;
  return rule ? new AppError(rule.code, rule.detail, { pointer: '/sql', cause: error }) : known;
}
