import Type, { type Static } from 'typebox';
import { DATA_NOTE, LANGUAGE } from '../../ai/prompts/language.ts';
import { dataBlock, sourceBlock } from '../../ai/prompts/source.ts';
import { AppError } from '../../base/errors.ts';
import { AI_ACCESS } from '../../domain/ai.ts';
import { AiQuery } from '../../domain/ai-query.ts';
import { From } from '../../domain/query-spec.ts';
import { SqlQuery } from '../../domain/sql-query.ts';
import { askModel } from './ask-model.ts';
import { faultOfQuery } from './data.ts';
import { queryFaults, queryOf } from './model-query.ts';
import type { AiRequestOf, AiTasks } from './tasks.ts';

const closed = { additionalProperties: false } as const;
const Fault = Type.String({ minLength: 1, maxLength: 4000 });

/** A spec or pivot that fails, with its error; or one SELECT that does. */
export const FixInput = Type.Object(
  {
    ...AI_ACCESS,
    from: Type.Optional(From),
    spec: Type.Optional(Type.Object({})),
    pivot: Type.Optional(Type.Object({})),
    sql: Type.Optional(SqlQuery),
    error: Fault,
  },
  closed,
);
export type FixInput = Static<typeof FixInput>;

const Changes = Type.String({ minLength: 1, maxLength: 1000, description: 'What was changed, in words' });
const MendedQuery = Type.Object({ query: AiQuery, changes: Changes }, closed);
const MendedSql = Type.Object(
  { sql: Type.String({ minLength: 1, maxLength: 100_000 }), changes: Changes },
  closed,
);

const QUERY = `You mend a query that fails, changing as little as can be.
${LANGUAGE}
${DATA_NOTE}`;

const SQL = `You mend one SELECT that fails, changing as little as can be, in the SQL of its engine. Keep its parameters (":name"). It stays one SELECT that reads only.
${DATA_NOTE}`;

const bad = (pointer: string, detail: string) => new AppError('request.invalid', detail, { pointer });

/** The query mended: read and planned, but not run. */
export function fixQuery(tasks: AiTasks, input: FixInput, request: AiRequestOf) {
  const { spec, pivot, sql } = input;
  const given = [spec, pivot, sql].filter((one) => one !== undefined);
  if (given.length !== 1) throw bad('', 'Give one of spec, pivot and sql');
  return sql === undefined ? fixSpec(tasks, input, request) : fixSql(tasks, sql, input.error, request);
}

function fixSpec(tasks: AiTasks, { from, spec, pivot, error }: FixInput, request: AiRequestOf) {
  if (from === undefined) throw bad('/from', '/from is needed: what the query reads from');
  return tasks.run('fix', null, request, async (context) => {
    const brief = await tasks.brief(from, context);
    const failing = spec === undefined ? { kind: 'pivot', ...pivot } : { kind: 'spec', ...spec };
    const text = [sourceBlock(brief), dataBlock('The query', failing), dataBlock('Its error', error)].join(
      '\n\n',
    );
    const { query, changes } = await askModel<Static<typeof MendedQuery>>(
      context,
      'mended',
      MendedQuery,
      [
        { role: 'system', text: QUERY },
        { role: 'user', text },
      ],
      (written) => queryFaults(written.query, { from }, context.data, '/query', context.session.signal),
    );
    return { query: queryOf(query, { from }), changes };
  });
}

function fixSql(tasks: AiTasks, failing: SqlQuery, error: string, request: AiRequestOf) {
  return tasks.run('fix', failing.datasource ?? null, request, async (context) => {
    const { sql, params = {} } = failing;
    const told = dataBlock('The statement', { sql, params: Object.keys(params) });
    const mended = await askModel<Static<typeof MendedSql>>(
      context,
      'mended',
      MendedSql,
      [
        { role: 'system', text: SQL },
        { role: 'user', text: `${told}\n\n${dataBlock('Its error', error)}` },
      ],
      async (written) => {
        try {
          await context.data.checkSql({ ...failing, sql: written.sql }, context.session.signal);
          return [];
        } catch (thrown) {
          return [{ pointer: '/sql', message: faultOfQuery(thrown).message }];
        }
      },
    );
    return { sql: { ...failing, sql: mended.sql }, changes: mended.changes };
  });
}
