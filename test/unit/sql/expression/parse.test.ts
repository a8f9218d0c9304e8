import { describe, expect, test } from 'bun:test';
import { AppError } from '../../../../src/base/errors.ts';
import { fieldsOf } from '../../../../src/sql/expression/expression.ts';
import { parseExpression } from '../../../../src/sql/expression/parse.ts';
import type { Node } from '../../../../src/sql/expression/tree.ts';

const LIMITS = { maxBytes: 10_000, maxDepth: 200, maxValueBytes: 256 << 10 };
const parsed = (text: string) => parseExpression({ text, pointer: '/expr' }, LIMITS);

/** The tree with its brackets. */
function spelled(node: Node): string {
  switch (node.kind) {
    case 'number':
      return node.text;
    case 'text':
      return `'${node.value}'`;
    case 'field':
      return node.name;
    case 'minus':
      return `(- ${spelled(node.operand)})`;
    case 'not':
      return `(not ${spelled(node.operand)})`;
    case 'logic':
    case 'compare':
    case 'arithmetic':
      return `(${spelled(node.left)} ${node.sign} ${spelled(node.right)})`;
    case 'concat':
      return `(${spelled(node.left)} || ${spelled(node.right)})`;
    case 'isNull':
      return `(${spelled(node.operand)} is ${node.negated ? 'not ' : ''}null)`;
    case 'between':
      return `(${spelled(node.operand)} between ${spelled(node.low)} and ${spelled(node.high)})`;
    case 'in':
      return `(${spelled(node.operand)} in ${node.items.map(spelled).join(',')})`;
    case 'like':
      return `(${spelled(node.operand)} like ${spelled(node.pattern)})`;
    case 'cast':
      return `${spelled(node.operand)}::${node.target.type}`;
    case 'call':
      return `${node.name}[${node.args.map(spelled).join(',')}]`;
    default:
      return node.kind;
  }
}

test.each([
  ['a + b * c', '(a + (b * c))'],
  ['a - b - c', '((a - b) - c)'],
  ['a / b / c', '((a / b) / c)'],
  ['-a * b', '((- a) * b)'],
  ['- a::integer', '(- a::integer)'],
  ['-2', '(- 2)'],
  ['a || b + c', '(a || (b + c))'],
  ['a + b || c', '((a + b) || c)'],
  ['a or b and not c', '(a or (b and (not c)))'],
  ['not a = b', '(not (a = b))'],
  ['not not a', '(not (not a))'],
  ['a = b is null', '((a = b) is null)'],
  ['a is null = b', '((a is null) = b)'],
  ['a between 1 and 2 and b', '((a between 1 and 2) and b)'],
  ['a between b + 1 and c or d', '((a between (b + 1) and c) or d)'],
  ['a in (1, 2) or b', '((a in 1,2) or b)'],
  ["a || b like 'x'", "((a || b) like 'x')"],
  ['a < b and c >= d', '((a < b) and (c >= d))'],
  ['(a + b) * c', '((a + b) * c)'],
  ['a::integer + 1', '(a::integer + 1)'],
  ['a::integer::text', 'a::integer::text'],
  ['CAST(a AS NUMERIC(5, 2))', 'a::decimal'],
  ['Sum.Of.Parts + "x ""y"""', '(Sum.Of.Parts + x "y")'],
  ['c."order id"', 'c.order id'],
  ['date', 'date'],
  ["date '2024-01-01'", 'moment'],
  ['left + right', '(left + right)'],
  ['LEFT(a, 1)', 'left[a,1]'],
  ['position(a in b)', 'position[b,a]'],
  ['substring(a from 2 for 3)', 'substring[a,2,3]'],
  ['extract(Year from a)', "extract['Year',a]"],
  ['current_date', 'current_date[]'],
  ['größe * 2', '(größe * 2)'],
  ['الاسم', 'الاسم'],
])('%s is read as %p', (text, wanted) => {
  expect(spelled(parsed(text))).toBe(wanted);
});

describe('what is not an expression is refused at its place', () => {
  test.each<[string, number, string]>([
    ['', 1, 'a value'],
    ['   ', 4, 'a value'],
    ['1 +', 4, 'a value'],
    ['(1', 3, '")"'],
    ['1)', 2, 'an operator or the end'],
    ['1 2', 3, 'an operator or the end'],
    ['a b', 3, 'an operator or the end'],
    ['* 2', 1, 'a value'],
    ['a = b = c', 7, '"and" or "or", as comparisons do not chain'],
    ['case end', 6, 'a value'],
    ['case a end', 8, '"when"'],
    ['case when a 1 end', 13, '"then"'],
    ['case when a then 1', 19, '"end"'],
    ['a in 1', 6, '"("'],
    ['a in ()', 7, 'a value'],
    ['a between 1 or 2', 13, '"and"'],
    ['a is 1', 6, 'null, true, false or "distinct from"'],
    ['cast(a)', 7, '"as"'],
    ['a::money', 4, 'a type: text'],
    ['a::constructor', 4, 'a type: text'],
    ['a toString b', 3, 'an operator or the end'],
    ['a constructor b', 3, 'an operator or the end'],
    ['a::decimal(x)', 12, 'a number of digits'],
    ['f(1,', 5, 'a value'],
    ['a.', 3, 'a name'],
    ['a.*', 3, 'a name'],
    ['select 1', 1, 'a value'],
    ['(select 1)', 2, 'a value'],
    ['a; drop table x', 2, ''],
    ['a -- comment', 3, ''],
    ['a /* comment */', 3, ''],
    ["'abc", 1, ''],
    ['"abc', 1, ''],
    ['""', 1, ''],
    ["'a\u0000b'", 1, ''],
    ['a ? b', 3, ''],
    ['$1', 1, ''],
    [':name', 1, ''],
    ['@@version', 1, ''],
    ['`a`', 1, ''],
    ['[a]', 1, ''],
    ["E'a'", 2, 'an operator or the end'],
    ['1e', 1, ''],
    ['12abc', 1, ''],
    ['0x1f', 1, ''],
    ['1..2', 2, 'an operator or the end'],
    ["interval '3'", 10, ''],
    ["a + interval '1 fortnight'", 14, ''],
    ["'😀' 1", 5, 'an operator or the end'],
    ['a::decimal(40)', 12, ''],
    ['a::decimal(5, 6)', 15, ''],
  ])('%j', (text, position, expected) => {
    const fault = (() => {
      try {
        return parsed(text);
      } catch (error) {
        return error;
      }
    })();
    expect(fault).toBeInstanceOf(AppError);
    expect(fault).toMatchObject({ code: 'query.syntax', pointer: '/expr', params: { position } });
    expect(String((fault as AppError).params?.expected ?? '')).toStartWith(expected);
  });
});

describe('limits', () => {
  const refusal = (text: string) => {
    try {
      parsed(text);
      return undefined;
    } catch (error) {
      return error instanceof AppError ? error.params?.limit : error;
    }
  };

  test.each([
    ['brackets', `${'('.repeat(500)}1${')'.repeat(500)}`],
    ['nots', `${'not '.repeat(500)}a`],
    ['signs', `${'- '.repeat(500)}a`],
    ['a long sum', Array.from({ length: 500 }, () => 'a').join('+')],
    ['calls', `${'abs('.repeat(500)}1${')'.repeat(500)}`],
    ['cases', `${'case when a then '.repeat(300)}1${' end'.repeat(300)}`],
    ['casts', `a${'::text'.repeat(500)}`],
    ['unfinished brackets', '('.repeat(9000)],
  ])('%s are deep', (_, text) => expect(refusal(text)).toBe('EXPRESSION_MAX_DEPTH'));

  test('a long text is refused by its bytes', () => {
    expect(refusal(`'${'é'.repeat(6000)}'`)).toBe('EXPRESSION_MAX_BYTES');
    expect(refusal(`'${'e'.repeat(6000)}'`)).toBeUndefined();
  });

  test('wide is not deep', () => {
    expect(refusal(`a in (${Array.from({ length: 1500 }, (_, i) => i).join(',')})`)).toBeUndefined();
    expect(refusal(`case ${'when a then 1 '.repeat(500)}end`)).toBeUndefined();
  });
});

test.each([
  ['1 + 2', []],
  ['a + b * a', ['a', 'b']],
  ['case when c.id = 1 then lower("x y") else z::text end || coalesce(n, \'w\')', ['c.id', 'x y', 'z', 'n']],
  ["a between b and c and d in (e, 1) and f like 'x' and g is null", ['a', 'b', 'c', 'd', 'e', 'f', 'g']],
  ["date_add('day', n, day) + interval '1 day'", ['n', 'day']],
])('the fields of %s', (text, names) => {
  expect(fieldsOf(text).toSorted()).toEqual((names as string[]).toSorted());
});
