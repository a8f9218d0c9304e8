import { join, raw, type Sql, sql } from '../ast.ts';
import { comparedCase } from './compare.ts';
import { ENGINE_NAMES } from './dialects/expression-dialect.ts';
import { fault } from './place.ts';
import type { Node, NodeOf } from './tree.ts';
import { adapt, type CommonType, type Context, commonType, conditionSql, type Value } from './value.ts';

type Compile = (node: Node, context: Context) => Value;
type Case = NodeOf<'case'>;

/** Up to so many levels stay as written where the engine has a limit; the rest is left to what surrounds the expression. */
const KEPT_LEVELS = 4;

interface Branches {
  branches: { when: Sql; result: Value }[];
  otherwise: Value | undefined;
  common: CommonType;
}

/** Levels of CASE that lie directly in each other's results. */
function levelsOf({ branches, otherwise }: Case): number {
  const inner = [...branches.map(({ result }) => result), ...(otherwise ? [otherwise] : [])];
  return 1 + Math.max(0, ...inner.map((node) => (node.kind === 'case' ? levelsOf(node) : 0)));
}

export function compileCase(node: Case, context: Context, compile: Compile): Value {
  const isFlat = context.spell.caseLevels !== undefined && levelsOf(node) > KEPT_LEVELS;
  const { head, common, branches, otherwise } = isFlat
    ? { head: raw(''), ...flattened(node, context, compile) }
    : written(node, context, compile);
  const { at } = node;
  const whens = branches.map(
    ({ when, result }) => sql` WHEN ${when} THEN ${adapt(result, common, at, context)}`,
  );
  const last = otherwise ? sql` ELSE ${adapt(otherwise, common, at, context)}` : raw('');
  return {
    ...common,
    sql: sql`CASE${head}${join(whens, '')}${last} END`,
    ...(common.type === 'text' ? { isPrepared: true as const } : {}),
  };
}

function written(node: Case, context: Context, compile: Compile): Branches & { head: Sql } {
  const { at, branches, otherwise, subject } = node;
  const results = branches.map(({ result }) => compile(result, context));
  const rest = otherwise && compile(otherwise, context);
  const common = commonType(rest ? [...results, rest] : results, at, context);
  const [head, tests] = subject
    ? testsOf(subject, node, context, compile)
    : [raw(''), branches.map(({ when }) => conditionSql(compile(when, context), when.at, context))];
  const paired = results.map((result, i) => ({ when: tests[i]!, result }));
  return { head, branches: paired, otherwise: rest, common };
}

function testsOf(subject: Node, { branches, at }: Case, context: Context, compile: Compile): [Sql, Sql[]] {
  const [compared, ...tests] = comparedCase(
    compile(subject, context),
    branches.map(({ when }) => compile(when, context)),
    at,
    context,
  );
  return [sql` ${compared!}`, tests];
}

/** One list of branches with the same meaning: those of a case that is a result come before what holds where none of them does. */
function flattened(node: Case, context: Context, compile: Compile): Branches {
  const { at, branches, otherwise } = node;
  const tests = flatTests(node, context, compile);
  const found: Branches['branches'] = [];
  for (const [i, { result }] of branches.entries()) {
    const when = tests[i]!;
    if (result.kind !== 'case') {
      found.push({ when, result: compile(result, context) });
      continue;
    }
    const inner = typed(flattened(result, context, compile), result.at, context);
    for (const branch of inner.branches)
      found.push({ when: sql`(${when} AND ${branch.when})`, result: branch.result });
    found.push({ when, result: inner.otherwise });
  }
  if (otherwise?.kind === 'case') {
    const inner = typed(flattened(otherwise, context, compile), otherwise.at, context);
    return unified([...found, ...inner.branches], inner.otherwise, at, context);
  }
  return unified(found, otherwise && compile(otherwise, context), at, context);
}

function unified(
  branches: Branches['branches'],
  otherwise: Value | undefined,
  at: number,
  context: Context,
): Branches {
  const results = branches.map(({ result }) => result);
  const common = commonType(otherwise ? [...results, otherwise] : results, at, context);
  return { branches, otherwise, common };
}

/** The results in the one type that the inner case has by itself. */
function typed({ branches, otherwise, common }: Branches, at: number, context: Context) {
  const prepared = common.type === 'text' ? { isPrepared: true as const } : {};
  const of = (value: Value): Value => ({
    ...common,
    sql: adapt(value, common, at, context),
    ...prepared,
  });
  return {
    branches: branches.map(({ when, result }) => ({ when, result: of(result) })),
    otherwise: of(otherwise ?? { type: 'null', sql: raw('NULL') }),
  };
}

function flatTests(node: Case, context: Context, compile: Compile): Sql[] {
  const { subject, branches } = node;
  if (!subject) return branches.map(({ when }) => conditionSql(compile(when, context), when.at, context));
  const [head, tests] = testsOf(subject, node, context, compile);
  return tests.map((test) => sql`(${head} = ${test})`);
}

const QUOTED = /'(?:[^']|'')*'/g;
const OPENS_OR_CLOSES = /\b(?:CASE|END)\b/g;

/** How deep CASE lies in CASE in what an expression became. */
function levelsIn({ parts }: Sql): number {
  let [level, most] = [0, 0];
  for (const part of parts) {
    if (part.kind !== 'text') continue;
    for (const [word] of part.text.replace(QUOTED, '').matchAll(OPENS_OR_CLOSES)) {
      level += word === 'CASE' ? 1 : -1;
      most = Math.max(most, level);
    }
  }
  return most;
}

/** `query.unsupported` where the engine does not nest CASE as deep as the expression does. */
export function checkCaseLevels(value: Sql, { spell, place }: Context): void {
  const { caseLevels } = spell;
  if (caseLevels === undefined) return;
  const levels = levelsIn(value);
  if (levels <= caseLevels) return;
  throw fault(
    'query.unsupported',
    0,
    `${ENGINE_NAMES[spell.engine]} nests CASE at most ${caseLevels} levels deep, and the expression comes to ${levels}; take a part of it into the source`,
    place,
    { levels, most: caseLevels },
  );
}
