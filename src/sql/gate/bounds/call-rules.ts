import { FIELD_BYTES } from '../../../domain/long-text.ts';
import { overLimit, type StatementLimits, unbounded } from '../limits.ts';
import { refused } from '../refusal.ts';
import { AGGREGATES } from '../rules/duckdb-functions.ts';
import type { Node } from '../tree.ts';
import { functionName, itemsOf, kindOf, numberOf, textOf } from './nodes.ts';

/** A value of a column or parameter is taken to have so many bytes. */
export const COLUMN_BYTES = FIELD_BYTES;
/** Of a number, a date or a truth value as text. */
export const SCALAR_BYTES = 64;
const BYTES_OF_CHARACTER = 4;

/** A call with the most bytes that each of its arguments can have. */
export interface BoundCall {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly bytes: readonly number[];
  readonly limits: StatementLimits;
}

type Rule = (call: BoundCall) => number;

const sum = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0);
const at = ({ bytes }: BoundCall, index: number) => bytes[index] ?? 0;

/** The most that a count can be: a number, or the least of something and a number. */
function mostOf(value: unknown): number | null {
  const written = numberOf(value);
  if (written !== null) return written;
  const [kind, body] = kindOf(value) ?? [];
  const isLeast = kind === 'least' || (kind === 'function' && functionName(body!) === 'least');
  if (!isLeast) return null;
  const most = itemsOf(body!.args ?? body!.expressions)
    .map(numberOf)
    .filter((number) => number !== null);
  return most.length === 0 ? null : Math.min(...most);
}

function countAt({ name, args }: BoundCall, index: number): number {
  const most = mostOf(args[index]);
  if (most === null)
    throw unbounded(name, 'valueBytes', 'write its count as a number, or as least(count, 100)');
  return Math.max(0, most);
}

const repeat: Rule = (call) => Math.max(1, at(call, 0)) * countAt(call, 1);
const pad: Rule = (call) => countAt(call, 1) * BYTES_OF_CHARACTER;
const sumOf: Rule = ({ bytes }) => sum(bytes);
const times =
  (factor: number): Rule =>
  ({ bytes }) =>
    factor * sum(bytes);
const fixed = (): number => SCALAR_BYTES;

const joinWith: Rule = (call) => sum(call.bytes.slice(1)) + Math.max(0, call.bytes.length - 2) * at(call, 0);

/** Each place of `from` becomes `to`. */
const replace: Rule = (call) => {
  const from = textOf(call.args[1]);
  if (from === '') return at(call, 0);
  const places = at(call, 0) / Math.max(1, from === null ? 1 : Buffer.byteLength(from));
  return Math.max(at(call, 0), Math.ceil(places * at(call, 2)));
};

/** A counted repetition is written out when it is compiled: of a character once each time, of a group as long as the pattern may be. */
function writtenOut(pattern: string): number {
  const counted = [...pattern.matchAll(/(.)\{(\d*)(?:,(\d*))?\}/gs)];
  const sizes = counted.map(
    ([, before, least, most]) => Number(most || least) * (before === ')' ? pattern.length : 1),
  );
  return pattern.length + sum(sizes);
}

const COMPILED_TIMES = 4;

/** Patterns of data would be compiled for each row, and take the product of both lengths. */
export function checkPattern(name: string, value: unknown, limits: StatementLimits): void {
  const pattern = textOf(value);
  const [kind] = kindOf(value) ?? [];
  if (pattern === null && kind !== 'parameter' && kind !== 'placeholder')
    throw unbounded(name, 'patternBytes', 'write its pattern as a text or a parameter');
  if (pattern === null) return;
  const isLong = Buffer.byteLength(pattern) > limits.patternBytes;
  if (isLong || writtenOut(pattern) > COMPILED_TIMES * limits.patternBytes)
    throw overLimit('patternBytes', limits);
}

const matches: Rule = (call) => {
  checkPattern(call.name, call.args[1], call.limits);
  return at(call, 0);
};

/** Between every two characters may be a match, and a reference to a group brings the match itself. */
const replacePattern: Rule = (call) => {
  checkPattern(call.name, call.args[1], call.limits);
  const replacement = textOf(call.args[2]);
  const references = replacement === null ? at(call, 2) / 2 : (replacement.match(/\\\d/g)?.length ?? 0);
  return at(call, 0) * (1 + references) + (at(call, 0) + 1) * at(call, 2);
};

/** Widths are part of the form; `*` and `{:{}}` take them from arguments. */
const formatted: Rule = (call) => {
  const form = textOf(call.args[0]);
  if (form === null || /%[-+ #0]*\*|%[^%a-z]*\.\*|\{[^}]*\{/i.test(form))
    throw unbounded(call.name, 'valueBytes', 'write its form as a text with widths in numbers');
  const widths = sum([...form.matchAll(/\d+/g)].map(([digits]) => Number(digits)));
  const places = [...form.matchAll(/[%{]/g)].length;
  return (
    Buffer.byteLength(form) +
    widths * BYTES_OF_CHARACTER +
    places * Math.max(SCALAR_BYTES, ...call.bytes.slice(1))
  );
};

const bar: Rule = (call) => (call.args.length > 3 ? countAt(call, 3) : 80) * BYTES_OF_CHARACTER;

/** Distance takes the product of the lengths, within one value. */
const distance: Rule = ({ name, args }) => {
  const shortest = Math.min(...args.map((arg) => textOf(arg)?.length ?? Number.POSITIVE_INFINITY));
  if (shortest > 1000) throw unbounded(name, 'valueBytes', 'compare with a text of up to 1000 characters');
  return SCALAR_BYTES;
};

/** The aggregate is named by a text. */
const aggregateByName: Rule = (call) => {
  const named = textOf(call.args[1]);
  if (named === null || !AGGREGATES.has(named.toLowerCase()))
    throw refused('function', { what: named ?? call.name });
  return at(call, 0);
};

const cut = (index: number): Rule => {
  return (call) => {
    const count = mostOf(call.args[index]);
    return count === null ? at(call, 0) : Math.min(at(call, 0), Math.abs(count) * BYTES_OF_CHARACTER);
  };
};

const of = <R>(names: string, rule: R): Record<string, R> =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]));

/** The most bytes that a call can make; of one without a rule, those of its arguments together. */
const RULES: Readonly<Record<string, Rule>> = {
  repeat,
  ...of('lpad rpad', pad),
  concat: sumOf,
  concat_ws: joinWith,
  replace,
  regexp_replace: replacePattern,
  ...of(
    'regexp_matches regexp_full_match regexp_extract regexp_extract_all regexp_split_to_array str_split_regex string_split_regex',
    matches,
  ),
  ...of('format printf', formatted),
  bar,
  ...of('levenshtein jaro_similarity jaro_winkler_similarity jaccard hamming', distance),
  ...of('list_aggr list_aggregate array_aggr array_aggregate', aggregateByName),
  ...of('left left_grapheme right right_grapheme', cut(1)),
  ...of('substr substring substring_grapheme', cut(2)),
  ...of('translate lower lcase upper ucase url_encode regexp_escape', times(3)),
  ...of('hex to_hex base64 to_base64', times(2)),
  ...of('bin', times(8)),
  ...of('md5 sha1 sha256 hash length len strlen ascii ord unicode instr position strpos', fixed),
};

export function callBytes(call: BoundCall): number {
  const rule = Object.hasOwn(RULES, call.name) ? RULES[call.name]! : sumOf;
  return rule(call);
}

export const callOf = (body: Node, bytes: readonly number[], limits: StatementLimits): BoundCall => ({
  name: functionName(body),
  args: itemsOf(body.args),
  bytes,
  limits,
});
