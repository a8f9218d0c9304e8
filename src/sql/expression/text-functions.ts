import { raw, type Sql, sql } from '../ast.ts';
import {
  type Call,
  callFault,
  countAt,
  type FunctionRule,
  integerOf,
  textAt,
  textOf,
  writtenCount,
  writtenText,
} from './call.ts';
import { asText } from './cast.ts';
import { translated } from './translate.ts';
import type { Context, Value } from './value.ts';

const MOST_CHARACTERS = 1000;
const MOST_PIECES = 100;

const rule = (usage: string, min: number, max: number, build: (call: Call) => Value): FunctionRule => ({
  usage,
  min,
  max,
  build,
});
const textsOf = ({ context }: Call) => context.spell.texts;

const folded = (name: 'lower' | 'upper') =>
  rule(`${name}(x)`, 1, 1, (call) => textOf(textsOf(call)[name](textAt(call, 0))));
const trimmed = (name: string, side: 'both' | 'left' | 'right') =>
  rule(`${name}(x)`, 1, 1, (call) => textOf(textsOf(call).trim(textAt(call, 0), side)));
const length = (name: string) =>
  rule(`${name}(x)`, 1, 1, (call) => integerOf(textsOf(call).length(textAt(call, 0))));

const written = (text: string, { scope, spell }: Context) => spell.texts.text(scope.dialect.given.text(text));
const atLeastZero = (count: Sql) => sql`CASE WHEN ${count} < 0 THEN 0 ELSE ${count} END`;

/** Positions before the first count as well, as in PostgreSQL: substring('abc', 0, 2) is 'a'. */
const substring = rule('substring(x, start[, count])', 2, 3, (call) => {
  const texts = textsOf(call);
  const text = textAt(call, 0);
  const start = countAt(call, 1);
  const written = call.args[1]!.count;
  const first =
    written === undefined
      ? sql`CASE WHEN ${start} < 1 THEN 1 ELSE ${start} END`
      : raw(String(Math.max(written, 1)));
  if (call.args.length === 2) return textOf(texts.slice(text, first, undefined));
  const count = countAt(call, 2);
  const writtenCount = call.args[2]!.count;
  if (written !== undefined && writtenCount !== undefined) {
    const left = writtenCount + Math.min(written - 1, 0);
    return textOf(texts.slice(text, first, raw(String(Math.max(left, 0)))));
  }
  const left = sql`(${count} + CASE WHEN ${start} < 1 THEN ${start} - 1 ELSE 0 END)`;
  return textOf(texts.slice(text, first, atLeastZero(left)));
});

/** A negative count is all but so many. */
function ofEnd(name: 'left' | 'right'): FunctionRule {
  return rule(`${name}(x, count)`, 2, 2, (call) => {
    const texts = textsOf(call);
    const text = textAt(call, 0);
    const count = countAt(call, 1);
    const written = call.args[1]!.count;
    const rest = sql`(${texts.length(text)} + ${count})`;
    const fromEnd = sql`CASE WHEN ${rest} > 0 THEN ${rest} ELSE 0 END`;
    const either = sql`CASE WHEN ${count} >= 0 THEN ${count} ELSE ${fromEnd} END`;
    const kept = written === undefined ? either : written < 0 ? fromEnd : count;
    return textOf(name === 'left' ? texts.slice(text, raw('1'), kept) : texts.last(text, kept));
  });
}

/** An empty text is found nowhere, so that nothing is replaced. */
const replace = rule('replace(x, from, to)', 3, 3, (call) => {
  const [text, from, to] = [textAt(call, 0), textAt(call, 1), textAt(call, 2)];
  const replaced = textsOf(call).replace(text, from, to);
  const { literal } = call.args[1]!;
  if (literal === '') return textOf(text);
  if (literal !== undefined) return textOf(replaced);
  return textOf(sql`CASE WHEN ${textsOf(call).length(from)} = 0 THEN ${text} ELSE ${replaced} END`);
});

const position = (usage: string) =>
  rule(usage, 2, 2, (call) => integerOf(textsOf(call).position(textAt(call, 0), textAt(call, 1))));

/** Nulls are left out. */
const concat = rule('concat(x, …)', 1, 100, (call) => {
  const { context } = call;
  const values = call.args.map((value) => {
    const text = value.type === 'null' ? written('', context) : asText(value, call.at, context);
    return sql`COALESCE(${text}, ${written('', context)})`;
  });
  return textOf(values.length === 1 ? values[0]! : textsOf(call).join(values));
});

/** Each value comes with the separator before it; the first one is cut off. */
const concatWs = rule('concat_ws(separator, x, …)', 2, 100, (call) => {
  const { context } = call;
  const texts = textsOf(call);
  const separator = textAt(call, 0);
  const empty = written('', context);
  const pieces = call.args
    .slice(1)
    .filter(({ type }) => type !== 'null')
    .map((value) => sql`COALESCE(${texts.join([separator, asText(value, call.at, context)])}, ${empty})`);
  const joined = texts.join([...pieces, empty]);
  return textOf(texts.slice(joined, sql`(${texts.length(separator)} + 1)`, undefined));
});

const padded = (name: string, side: 'left' | 'right') =>
  rule(`${name}(x, count[, fill])`, 2, 3, (call) => {
    const count = writtenCount(call, 1, 0, MOST_CHARACTERS);
    const fill = call.args.length > 2 ? writtenText(call, 2) : ' ';
    if (fill === '') throw callFault(call, 'takes a text that is not empty to fill with');
    return textOf(textsOf(call).pad(textAt(call, 0), side, count, written(fill, call.context)));
  });

const splitPart = rule('split_part(x, separator, n)', 3, 3, (call) => {
  const separator = writtenText(call, 1);
  if (separator === '') throw callFault(call, 'takes a separator that is not empty');
  const n = writtenCount(call, 2, 1, MOST_PIECES);
  return textOf(textsOf(call).piece(textAt(call, 0), written(separator, call.context), n));
});

const startsWith = rule('starts_with(x, start)', 2, 2, (call) => {
  const { canonical } = call.context.scope.dialect;
  const texts = textsOf(call);
  const [text, start] = [textAt(call, 0), textAt(call, 1)];
  const head = texts.slice(text, raw('1'), texts.length(start));
  return {
    type: 'boolean',
    isCondition: true,
    sql: sql`(${canonical.text(head)} = ${canonical.text(start)})`,
  };
});

const translate = rule('translate(x, from, to)', 3, 3, (call) =>
  textOf(translated(textAt(call, 0), writtenText(call, 1), writtenText(call, 2), call.context)),
);

const reverse = rule('reverse(x)', 1, 1, (call) => textOf(textsOf(call).reverse(textAt(call, 0))));

export const TEXT_FUNCTIONS = {
  lower: folded('lower'),
  upper: folded('upper'),
  trim: trimmed('trim', 'both'),
  ltrim: trimmed('ltrim', 'left'),
  rtrim: trimmed('rtrim', 'right'),
  length: length('length'),
  char_length: length('char_length'),
  substring,
  substr: substring,
  left: ofEnd('left'),
  right: ofEnd('right'),
  replace,
  translate,
  position: position('position(part in x)'),
  strpos: position('strpos(x, part)'),
  concat,
  concat_ws: concatWs,
  lpad: padded('lpad', 'left'),
  rpad: padded('rpad', 'right'),
  reverse,
  split_part: splitPart,
  starts_with: startsWith,
} satisfies Record<string, FunctionRule>;
