import { type EvalOptions, evaluate } from './ai/evaluate.ts';
import { QUESTIONS } from './ai/questions.ts';
import { type Action, actionsCommand, parseArguments } from './arguments.ts';
import { UsageError } from './options.ts';
import { textTable } from './text-table.ts';

function optionsOf(
  values: Record<string, string | boolean | undefined>,
  env: Record<string, string | undefined>,
): EvalOptions {
  const key = env.REPORTING_API_KEY;
  if (!key)
    throw new UsageError('REPORTING_API_KEY is needed: an API key of the service with the scope read');
  const only = values.only === undefined ? QUESTIONS.length : Number(values.only);
  if (!Number.isInteger(only) || only < 1) throw new UsageError('--only must be a whole number from 1');
  return {
    url: String(values.url ?? 'http://127.0.0.1:8000').replace(/\/+$/, ''),
    key,
    dataset: String(values.dataset ?? 'orders'),
    questions: QUESTIONS.slice(0, only),
  };
}

const evalAction: Action = async (args, io) => {
  const { values } = parseArguments(args, [], {
    json: { type: 'boolean' },
    url: { type: 'string' },
    dataset: { type: 'string' },
    only: { type: 'string' },
  });
  const report = await evaluate(optionsOf(values, io.env));
  if (values.json) return io.out(`${JSON.stringify(report)}\n`);
  const rows = report.results.map(({ question, outcome, repairs, tokens, ms, detail }) => [
    outcome,
    String(repairs),
    String(tokens),
    String(ms),
    question,
    detail,
  ]);
  io.out(textTable(['OUTCOME', 'REPAIRS', 'TOKENS', 'MS', 'QUESTION', 'DETAIL'], rows));
  io.out(`\n${report.right} of ${report.results.length} right (${Math.round(report.score * 100)} %)\n`);
};

export const aiCommand = actionsCommand(
  {
    name: 'ai',
    summary: 'Measure how well the AI that is set up answers questions',
    usage: `Usage: reporting-api ai eval [--url http://127.0.0.1:8000] [--dataset orders] [--only N]

Asks a running service ${QUESTIONS.length} questions about the demo data (serve --demo) through /api/ai/ask, and holds the results against those of
queries that are known to be right. The API key of the service is read from REPORTING_API_KEY; the provider is the one that is set up.
With --json the report is JSON.

Exit codes: 0 the questions were asked, 1 the service could not be asked, 2 wrong command line.
`,
  },
  { eval: evalAction },
);
