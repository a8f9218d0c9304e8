import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type EvalReport, evaluate } from '../../src/cli/ai/evaluate.ts';
import { QUESTIONS } from '../../src/cli/ai/questions.ts';
import { sameRows } from '../../src/cli/ai/score.ts';
import { readConfig } from '../../src/config.ts';
import type { AiQuery } from '../../src/domain/ai-query.ts';
import { startService } from '../../src/service.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { ANSWERS } from '../support/ai/eval-answers.ts';
import { scriptedModel } from '../support/ai/scripted-model.ts';
import type { Seen } from '../support/ai/wire-server.ts';
import { ADMIN } from '../support/service-kit.ts';

/** A block of data of the first prompt. */
function blockIn({ body }: Seen, title: string): unknown {
  const { content } = (body.messages as { content: string }[]).find(({ content }) =>
    content.includes(title),
  )!;
  return JSON.parse(new RegExp(`${title}:\n\`\`\`json\n(.*)\n\`\`\``).exec(content)![1]!);
}
const questionIn = (seen: Seen) => blockIn(seen, 'The question') as string;
/** The names of the source's fields, as far as the prompt tells them. */
const fieldsIn = (seen: Seen) =>
  (blockIn(seen, 'The source') as { fields: { name: string }[] }).fields.map(({ name }) => name);

type Walk = (name: string, value: string) => string;
/** A copy with each text of it, by the name of its field, as `each` has it. */
const walked = (value: unknown, each: Walk): unknown =>
  JSON.parse(JSON.stringify(value, (name, one) => (typeof one === 'string' ? each(name, one) : one)));

/** What a query goes by that it does not make itself. */
function fieldsOf(query: AiQuery): string[] {
  const [used, made] = [new Set<string>(), new Set<string>()];
  walked(query, (name, text) => {
    if (name === 'field') used.add(text);
    if (name === 'as') made.add(text);
    return text;
  });
  return [...used].filter((field) => !made.has(field));
}

/** The same query in other words: other names, other orders where the question asks for none. */
function reworded(query: AiQuery): AiQuery {
  const sources = fieldsOf(query);
  const renamed = walked(query, (name, text) => {
    const isOwn = ['as', 'by'].includes(name) || (name === 'field' && !sources.includes(text));
    return isOwn && !sources.includes(text) ? `${text}_of_it` : text;
  }) as AiQuery;
  const { measures, dimensions } = renamed;
  return {
    ...renamed,
    ...(measures ? { measures: measures.toReversed() } : {}),
    ...(dimensions ? { dimensions: dimensions.toReversed() } : {}),
  };
}

const OTHER: Readonly<Record<string, object>> = {
  count: { agg: 'sum', field: 'quantity' },
  sum: { agg: 'avg' },
  avg: { agg: 'max' },
  median: { agg: 'avg' },
  min: { agg: 'avg' },
  max: { agg: 'avg' },
  countDistinct: { agg: 'count' },
};
/** A query that looks right but computes something else. */
const mistaken = (query: AiQuery): AiQuery => ({
  ...query,
  measures: query.measures!.map((measure) => ({ ...measure, ...OTHER[measure.agg!] })),
});

let said: (query: AiQuery) => AiQuery = (query) => query;

/** Answers as the set of questions would have it, in `said`'s words and from the fields it is told, but for those at some places, which it gets wrong in a way of their own. */
const model = scriptedModel((seen) => {
  const question = questionIn(seen);
  const index = QUESTIONS.findIndex((each) => each.question === question);
  const { query: known } = QUESTIONS[index]!;
  const told = fieldsIn(seen);
  if (known && fieldsOf(known).some((field) => !told.includes(field)))
    return { answerable: false, reason: 'I was not told of the field' };
  const query = known && said(known);
  if (index === 0) return { answerable: false, reason: 'I do not know' };
  if (index === 1)
    return {
      answerable: true,
      query: { kind: 'spec', measures: [{ agg: 'sum', field: 'quantity', as: 'n' }] },
    };
  if (index === 2) return 'no JSON at all';
  if (index === 67)
    return { answerable: true, query: { kind: 'spec', measures: [{ agg: 'count', as: 'n' }] } };
  return query === null ? { answerable: false, reason: 'not in the data' } : { answerable: true, query };
});

let folder: string;
let stop: () => Promise<void>;
let report: EvalReport;
let service: Awaited<ReturnType<typeof startService>>;
let token: string;
/** Rows by question: as the rows themselves give them, and as the expected query does. */
const truths = new Map<string, unknown[][]>();
const expected = new Map<string, unknown[][]>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reporting-eval-'));
  const config = readConfig({
    PORT: '0',
    DUCKDB_PATH: join(folder, 'local.duckdb'),
    METADATA_DB_PATH: join(folder, 'meta.sqlite'),
    SECRET_KEY: 'a-test-key-of-more-than-32-characters',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    OUTBOUND_ALLOW: '127.0.0.0/8',
    QUERY_RATE_PER_SEC: '10000',
    QUERY_BURST: '10000',
    THREADS: '1',
  });
  service = await startService({
    config,
    log: createLog('critical', () => undefined),
    version: 'test',
    demo: true,
  });
  stop = () => service.stop(0);
  await service.demoReady;
  const call = async (method: string, path: string, body: object | undefined, token = '') => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(`${service.url}/api${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Record<string, string>;
  };
  const login = await fetch(`${service.url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  });
  ({ token } = (await login.json()) as { token: string });
  await call(
    'PUT',
    '/ai/config',
    { provider: 'compatible', model: 'stub', baseUrl: model.url, key: null },
    token,
  );
  const files = (await call('GET', '/datasets', undefined, token)) as unknown as { items: { id: string }[] };
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(
    `CREATE VIEW o AS SELECT * FROM read_parquet('${join(folder, 'datasets', files.items[0]!.id, '*.parquet')}')`,
  );
  for (const [question, sql] of ANSWERS)
    if (sql !== null)
      truths.set(question, (await connection.runAndReadAll(sql)).getRowsJson() as unknown[][]);
  connection.closeSync();
  for (const { question, query } of QUESTIONS) {
    if (query === null) continue;
    const { kind, ...spec } = query;
    const [path, totals] =
      kind === 'pivot'
        ? ['/query/pivot?shape=long', { totals: { rows: 'all', columns: 'all' } }]
        : ['/query/spec', { limit: 1000 }];
    const { rows } = await call('POST', path, { from: { dataset: 'orders' }, ...totals, ...spec }, token);
    expected.set(question, rows as unknown as unknown[][]);
  }
  report = await evaluate({ url: service.url, key: token, dataset: 'orders', questions: QUESTIONS });
});

afterAll(async () => {
  await stop();
  await model[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('a dataset that is not there, or a key of nobody, is said at once and scores nothing', async () => {
  const { url } = service;
  const options = { url, key: token, dataset: 'orders', questions: QUESTIONS };
  await expect(evaluate({ ...options, dataset: 'nope' })).rejects.toThrow('404: There is no dataset "nope"');
  await expect(evaluate({ ...options, key: 'sk_nobody' })).rejects.toThrow('The service answered 401');
});

test('there are at least sixty questions, each once', () => {
  expect(new Set(QUESTIONS.map(({ question }) => question)).size).toBe(QUESTIONS.length);
  expect(QUESTIONS.length).toBeGreaterThanOrEqual(60);
});

test('a model that knows gets all right but those that it gets wrong', () => {
  const wrong = report.results.filter(({ outcome }) => outcome !== 'right');
  expect(wrong.map(({ outcome }) => outcome)).toEqual(['wrong', 'wrong', 'ai.badOutput', 'wrong']);
  expect(wrong.map(({ question }) => question)).toEqual(
    [0, 1, 2, 67].map((index) => QUESTIONS[index]!.question),
  );
  expect(report).toMatchObject({
    right: QUESTIONS.length - 4,
    score: (QUESTIONS.length - 4) / QUESTIONS.length,
  });
});

/** Those that the model does not get wrong in a way of their own; some of all kinds. */
const some = QUESTIONS.filter(({ query }, index) => query !== null && index % 3 === 1 && index > 2);

test.each([
  ['the same in other words', reworded, 'right'],
  ['what looks right and computes something else', mistaken, 'wrong'],
] as const)('%s', async (_, words, outcome) => {
  said = words;
  const { url } = service;
  const judged = await evaluate({ url, key: token, dataset: 'orders', questions: some });
  expect(judged.results.map((each) => [each.question, each.outcome])).toEqual(
    some.map(({ question }) => [question, outcome]),
  );
});

test('every question has an answer of its own in SQL, or none', () => {
  expect(ANSWERS.map(([question]) => question)).toEqual(QUESTIONS.map(({ question }) => question));
  expect(ANSWERS.map(([, sql]) => sql === null)).toEqual(QUESTIONS.map(({ query }) => query === null));
});

test.each(ANSWERS.filter(([, sql]) => sql !== null).map(([question]) => question))(
  'the expected query gives what the rows say: %s',
  (question) => {
    const [truth, given] = [truths.get(question)!, expected.get(question)!];
    expect(truth.length).toBeGreaterThan(0);
    expect([given.slice(0, 3), sameRows({ rows: truth }, { rows: given })]).toEqual([
      given.slice(0, 3),
      true,
    ]);
  },
);

test('the query of one question is wrong for every other', () => {
  const pairs = [...truths].flatMap(([question, rows]) =>
    [...expected]
      .filter(([other, given]) => other !== question && sameRows({ rows }, { rows: given }))
      .map(([other]) => [question, other]),
  );
  expect(pairs).toEqual([]);
});

test('every expected answer says something', () => {
  const repairs = report.results.reduce((sum, each) => sum + each.repairs, 0);
  expect(repairs).toBe(0);
  expect(report.results.every(({ tokens, outcome }) => tokens > 0 || outcome === 'ai.badOutput')).toBe(true);
});

test.each([
  [[[1, 'a']], [['a', 1]], true],
  [
    [
      [1, 'a'],
      [2, 'b'],
    ],
    [
      [2, 'b'],
      [1, 'a'],
    ],
    true,
  ],
  [[['1.10']], [[1.1]], true],
  [[[0.1 + 0.2]], [[0.3]], true],
  [[[1]], [[2]], false],
  [[[1]], [[1], [1]], false],
  [
    [
      ['a', 1, 2],
      ['b', 3, 4],
    ],
    [
      [2, 'a', 1],
      [4, 'b', 3],
    ],
    true,
  ],
  [
    [
      ['a', 1, 2],
      ['b', 2, 1],
    ],
    [
      ['a', 1, 2],
      ['b', 1, 2],
    ],
    false,
  ],
  [
    [
      ['a', 1, 2],
      ['b', 3, 4],
    ],
    [
      ['a', 2, 1],
      ['b', 3, 4],
    ],
    false,
  ],
  [[], [], true],
  [[], [[1]], false],
  [[[1]], [[1, 1]], false],
  [[[null]], [['']], false],
  [[['1']], [['a']], false],
])('%j and %j are the same: %p', (a, b, same) => {
  expect(sameRows({ rows: a as unknown[][] }, { rows: b as unknown[][] })).toBe(same as boolean);
});
