import type { EvalQuestion } from './questions.ts';
import { type EvalRows, sameRows } from './score.ts';

export interface EvalOptions {
  url: string;
  key: string;
  dataset: string;
  questions: readonly EvalQuestion[];
}

export interface EvalResult {
  question: string;
  /** `right`, `wrong`, or the code of the problem. */
  outcome: string;
  repairs: number;
  tokens: number;
  ms: number;
  detail: string;
}

export interface EvalReport {
  right: number;
  score: number;
  results: EvalResult[];
}

type Json = Record<string, unknown>;

interface Answered {
  status: number;
  body: Json;
}

async function post({ url, key }: EvalOptions, path: string, body: object): Promise<Answered> {
  const response = await fetch(`${url}/api${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Json };
}

/** The rows of a query; a pivot's with its totals, one row a cell. */
async function rowsOf(options: EvalOptions, kind: unknown, spec: Json): Promise<EvalRows> {
  const path = kind === 'pivot' ? '/query/pivot?shape=long' : '/query/spec';
  const { status, body } = await post(options, path, {
    ...spec,
    limit: kind === 'pivot' ? undefined : (spec.limit ?? 1000),
  });
  if (status !== 200) throw new Error(`The service answered ${status}: ${String(body.detail)}`);
  return body as unknown as EvalRows;
}

async function judge(
  options: EvalOptions,
  { query }: EvalQuestion,
  answer: Json,
): Promise<[outcome: string, detail: string]> {
  if (answer.kind === 'cannotAnswer')
    return query === null ? ['right', ''] : ['wrong', `cannot be answered: ${String(answer.reason)}`];
  const given = answer.query as { kind: string; spec: Json };
  if (query === null) return ['wrong', 'was answered although the data cannot'];
  const { kind, ...expected } = query;
  const from = { dataset: options.dataset };
  const totals = kind === 'pivot' ? { totals: { rows: 'all', columns: 'all' } } : {};
  const [right, got] = [
    await rowsOf(options, kind, { from, ...totals, ...expected }),
    await rowsOf(options, given.kind, given.spec),
  ];
  return sameRows(right, got) ? ['right', ''] : ['wrong', JSON.stringify(given.spec)];
}

async function askOne(options: EvalOptions, asked: EvalQuestion): Promise<EvalResult> {
  const started = performance.now();
  const { status, body } = await post(options, '/ai/ask', {
    from: { dataset: options.dataset },
    question: asked.question,
  });
  const ms = Math.round(performance.now() - started);
  const { question } = asked;
  if (status !== 200)
    return { question, outcome: String(body.code), repairs: 0, tokens: 0, ms, detail: String(body.detail) };
  const { repairs, usage } = body.meta as {
    repairs: number;
    usage: { inputTokens: number; outputTokens: number };
  };
  const [outcome, detail] = await judge(options, asked, body);
  return { question, outcome, repairs, tokens: usage.inputTokens + usage.outputTokens, ms, detail };
}

/**
 * Asks every question, one after another, and judges the answers by their results. Rejects when the service cannot be asked: when it is not
 * there, takes the key for nobody's, or has no such dataset.
 */
export async function evaluate(options: EvalOptions): Promise<EvalReport> {
  const from = { dataset: options.dataset };
  await rowsOf(options, 'spec', { from, measures: [{ agg: 'count', as: 'rows' }] });
  const results: EvalResult[] = [];
  for (const question of options.questions) results.push(await askOne(options, question));
  const right = results.filter(({ outcome }) => outcome === 'right').length;
  return { right, score: right / results.length, results };
}
