import Type, { type Static } from 'typebox';
import { maskText } from '../../ai/masking.ts';
import { DATA_NOTE, LANGUAGE } from '../../ai/prompts/language.ts';
import { dataBlock, sourceBlock } from '../../ai/prompts/source.ts';
import { AppError } from '../../base/errors.ts';
import { AI_ACCESS } from '../../domain/ai.ts';
import { AiQuery, type AnyQuery } from '../../domain/ai-query.ts';
import { PivotSpec } from '../../domain/pivot-spec.ts';
import { From, QuerySpec } from '../../domain/query-spec.ts';
import { parse } from '../../domain/schema.ts';
import { SqlQuery } from '../../domain/sql-query.ts';
import { askModel } from './ask-model.ts';
import { faultOfQuery } from './data.ts';
import { queryFaults, queryOf } from './model-query.ts';
import type { AiRequestOf, AiTaskContext, AiTasks } from './tasks.ts';

const closed = { additionalProperties: false } as const;
const Fault = Type.String({ minLength: 1, maxLength: 4000 });

/** A spec or pivot that fails, or one SELECT that does. The error may hold values of rows: it leaves only where those of all columns may. */
export const FixInput = Type.Object(
  {
    ...AI_ACCESS,
    from: Type.Optional(From),
    spec: Type.Optional(Type.Object({})),
    pivot: Type.Optional(Type.Object({})),
    sql: Type.Optional(SqlQuery),
    error: Type.Optional(Fault),
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

const RAN = 'It is planned without a fault; it failed as it ran.';

/** What is wrong as the service finds it without reading a row; and as the asker was told, masked, where values may leave. */
async function faultsOf(plan: () => Promise<void>, error: string | undefined, context: AiTaskContext) {
  const found = await plan().then(() => undefined, faultOfQuery);
  const { allowSampleRows, masking } = context.session.settings;
  // Of a hidden column's values nobody knows which they are in a text.
  const mayLeave = allowSampleRows && masking.columns.length === 0;
  if (!mayLeave || error === undefined) return found ?? { message: RAN };
  const { text, masked } = maskText(error, masking);
  context.left.masked += masked;
  return { ...found, told: text };
}

/** The fields that a query has; others may hold anything, also rows, and are only named in what is wrong. */
const known = (given: object | undefined, { properties }: typeof QuerySpec | typeof PivotSpec) =>
  Object.fromEntries(Object.entries(given ?? {}).filter(([name]) => Object.hasOwn(properties, name)));

function fixSpec(tasks: AiTasks, { from, spec, pivot, error }: FixInput, request: AiRequestOf) {
  if (from === undefined) throw bad('/from', '/from is needed: what the query reads from');
  return tasks.run('fix', null, request, async (context) => {
    const brief = await tasks.brief(from, context);
    const failing =
      spec === undefined
        ? { kind: 'pivot', ...known(pivot, PivotSpec) }
        : { kind: 'spec', ...known(spec, QuerySpec) };
    const { data, session } = context;
    const plan = async () => {
      const query: AnyQuery =
        spec === undefined
          ? { kind: 'pivot', spec: parse(PivotSpec, { ...pivot, from }) }
          : { kind: 'spec', spec: parse(QuerySpec, { ...spec, from }) };
      await data.dryRun(query, session.signal);
    };
    const faults = await faultsOf(plan, error, context);
    const text = [sourceBlock(brief), dataBlock('The query', failing), dataBlock('Its error', faults)].join(
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
      (written) => queryFaults(written.query, { from }, data, '/query', session.signal),
    );
    return { query: queryOf(query, { from }), changes };
  });
}

const PIVOT = /\bpivot/i;

/** DuckDB reads rows to plan a PIVOT without a list: what a model writes reads none. */
const readsToPlan = (written: string, { sql, datasource }: SqlQuery) =>
  datasource === undefined && PIVOT.test(written) && !PIVOT.test(sql);

function fixSql(tasks: AiTasks, failing: SqlQuery, error: string | undefined, request: AiRequestOf) {
  return tasks.run('fix', failing.datasource ?? null, request, async (context) => {
    tasks.requireNames(context);
    const { sql, params = {} } = failing;
    const { data } = context;
    const faults = await faultsOf(() => data.checkSql(failing, context.query), error, context);
    const told = dataBlock('The statement', { sql, params: Object.keys(params) });
    const mended = await askModel<Static<typeof MendedSql>>(
      context,
      'mended',
      MendedSql,
      [
        { role: 'system', text: SQL },
        { role: 'user', text: `${told}\n\n${dataBlock('Its error', faults)}` },
      ],
      async (written) => {
        if (readsToPlan(written.sql, failing))
          return [{ pointer: '/sql', message: 'must not pivot; use aggregates with FILTER in its place' }];
        try {
          await data.checkSql({ ...failing, sql: written.sql }, context.query);
          return [];
        } catch (thrown) {
          return [{ pointer: '/sql', message: faultOfQuery(thrown).message }];
        }
      },
    );
    return { sql: { ...failing, sql: mended.sql }, changes: mended.changes };
  });
}
