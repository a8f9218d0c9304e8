import type { ColumnType } from '../../domain/column.ts';
import { raw, type Sql, sql } from '../ast.ts';
import { localOf } from '../grain.ts';
import type { Target } from './tree.ts';
import {
  type Context,
  conditionSql,
  readLiteral,
  textSql,
  typeFault,
  type Value,
  valueSql,
} from './value.ts';

interface Casting {
  value: Value;
  target: Target;
  at: number;
  context: Context;
}
type Cast = (casting: Casting) => Sql | undefined;

const DEFAULT_SCALE = 6;
const MAX_DIGITS = 38;
const EXACT: readonly Value['type'][] = ['integer', 'decimal'];

/** A float of a whole value as an exact integer, times the digits behind the point. */
function ofFloat({ value, context }: Casting, precision: number, scale: number): Sql {
  const { numbers, casts } = context.spell;
  const factor = raw(`1${'0'.repeat(scale)}`);
  const shifted = scale === 0 ? value.sql : sql`(${value.sql} * ${factor})`;
  const whole = casts.wholeOfFloat(numbers.roundFloat(shifted));
  if (scale === 0) return casts.fitDecimal(whole, precision, 0);
  const unit = raw(`0.${'0'.repeat(scale - 1)}1`);
  return casts.fitDecimal(numbers.product(numbers.whole(whole), unit, [0, scale]), precision, scale);
}

const fromText = ({ value, context }: Casting) => textSql(value, context);
const truth = ({ value, at, context }: Casting, yes: Sql, no: Sql) => {
  const test = conditionSql(value, at, context);
  return sql`CASE WHEN ${test} THEN ${yes} WHEN NOT (${test}) THEN ${no} END`;
};

const toInteger: Cast = (casting) => {
  const { value, context } = casting;
  const { numbers, casts } = context.spell;
  if (value.type === 'integer') return value.sql;
  if (value.type === 'decimal') return numbers.whole(numbers.roundExact(value.sql, 0));
  if (value.type === 'float') return numbers.whole(ofFloat(casting, MAX_DIGITS, 0));
  if (value.type === 'boolean') return numbers.whole(truth(casting, raw('1'), raw('0')));
  return value.type === 'text' ? casts.toWhole(fromText(casting)) : undefined;
};

const toDecimal: Cast = (casting) => {
  const { value, target, context } = casting;
  const { casts } = context.spell;
  const { precision = MAX_DIGITS, scale = DEFAULT_SCALE } = target;
  if (EXACT.includes(value.type)) return casts.fitDecimal(value.sql, precision, scale);
  if (value.type === 'float') return ofFloat(casting, precision, scale);
  return value.type === 'text' ? casts.toDecimal(fromText(casting), precision, scale) : undefined;
};

const toFloat: Cast = (casting) => {
  const { value, context } = casting;
  const { numbers, casts } = context.spell;
  if (value.type === 'float') return value.sql;
  if (EXACT.includes(value.type)) return numbers.float(value.sql);
  return value.type === 'text' ? casts.toFloat(fromText(casting)) : undefined;
};

const toBoolean: Cast = (casting) => {
  const { value, context } = casting;
  const { dialect } = context.scope;
  if (value.type === 'boolean') return valueSql(value, context);
  if (value.type === 'integer') return context.spell.valueOf(sql`(${value.sql} <> 0)`);
  if (value.type !== 'text') return undefined;
  const form = dialect.canonical.text;
  const said = form(context.spell.texts.lower(fromText(casting)));
  const branch = (is: boolean) =>
    sql` WHEN ${form(dialect.given.text(String(is)))} THEN ${dialect.given.boolean(is)}`;
  return sql`CASE ${said}${branch(true)}${branch(false)} END`;
};

/** As it is shown in an answer: ISO 8601, decimals with all their digits. */
const toText: Cast = (casting) => {
  const { value, context } = casting;
  const { dialect, timezone } = context.scope;
  const { texts, numbers } = context.spell;
  const { type, scale, sql: given } = value;
  if (type === 'text') return textSql(value, context);
  if (type === 'boolean')
    return texts.text(truth(casting, dialect.given.text('true'), dialect.given.text('false')));
  if (type === 'decimal') return texts.text(scale === undefined ? given : numbers.decimal(given, scale));
  if (type === 'integer' || type === 'json') return texts.text(given);
  if (type === 'float' || type === 'binary' || type === 'null') return undefined;
  return texts.text(dialect.shown[type](dialect.canonical[type](given), timezone));
};

const local = ({ value, context }: Casting) =>
  localOf({ sql: value.sql, column: { name: '', type: value.type as ColumnType } }, context.scope);

const toDate: Cast = (casting) => {
  const { value, context } = casting;
  const { times, casts } = context.spell;
  if (value.type === 'date') return value.sql;
  if (value.type === 'timestamp' || value.type === 'timestamptz') return times.dayOf(local(casting));
  return value.type === 'text' ? casts.toDate(fromText(casting)) : undefined;
};

const toTimestamp: Cast = (casting) => {
  const { value, context } = casting;
  const { times, casts } = context.spell;
  if (value.type === 'timestamp') return value.sql;
  if (value.type === 'date') return times.startOfDay(value.sql);
  if (value.type === 'timestamptz') return local(casting);
  return value.type === 'text' ? casts.toTimestamp(fromText(casting)) : undefined;
};

const toTime: Cast = (casting) => {
  const { value, context } = casting;
  if (value.type === 'time') return value.sql;
  return value.type === 'timestamp' || value.type === 'timestamptz'
    ? context.spell.times.clock(local(casting))
    : undefined;
};

const same: Cast = ({ value, target }) => (value.type === target.type ? value.sql : undefined);

const CASTS: Readonly<Record<ColumnType, Cast>> = {
  text: toText,
  integer: toInteger,
  decimal: toDecimal,
  float: toFloat,
  boolean: toBoolean,
  date: toDate,
  time: toTime,
  timestamp: toTimestamp,
  timestamptz: same,
  uuid: same,
  json: same,
  binary: same,
};
const READ: readonly ColumnType[] = ['date', 'time', 'timestamp', 'timestamptz', 'uuid'];

/** A value as another type; null where the type cannot hold it. Throws `query.type` where no value could. */
export function castValue(value: Value, target: Target, at: number, context: Context): Value {
  const { type } = target;
  const scale = type === 'decimal' ? (target.scale ?? DEFAULT_SCALE) : undefined;
  const isPrepared = type === 'text' ? { isPrepared: true as const } : {};
  if (value.type === 'null') return { type, scale, sql: context.spell.typedNull(type) };
  if (value.literal !== undefined && READ.includes(type))
    return { type, sql: readLiteral(value.literal, type, at, context) };
  const cast = CASTS[type]({ value, target, at, context });
  if (cast) return { type, scale, sql: cast, ...isPrepared };
  const hint = value.type === 'float' && type === 'text' ? '; cast it to decimal first' : '';
  throw typeFault(at, `A value of type ${value.type} cannot become ${type}${hint}`, context, {
    type: value.type,
    target: type,
  });
}

/** As text, where it is not. */
export const asText = (value: Value, at: number, context: Context): Sql =>
  castValue(value, { type: 'text' }, at, context).sql;
