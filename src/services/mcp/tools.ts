import Type, { type Static, type TSchema } from 'typebox';
import { LANGUAGE } from '../../ai/prompts/language.ts';
import { AiQuery } from '../../domain/ai-query.ts';
import { From, type QuerySpec } from '../../domain/query-spec.ts';
import { issues } from '../../domain/schema.ts';
import { additiveChange, ChangeInput, changeFacts } from '../ai/change-facts.ts';
import type { AiData, RowsResult } from '../ai/data.ts';
import { queryFaults, queryOf } from '../ai/model-query.ts';
import type { QueryRequest } from '../query.ts';

/** What an agent may ask about: names only, as everybody who may read sees them. */
export interface McpCatalog {
  sources(): Promise<{ datasets: object[]; models: object[]; datasources: object[] } & Cut>;
  tables(
    datasource: string,
    schema: string | undefined,
    signal: AbortSignal,
  ): Promise<{ tables: object[] } & Cut>;
}

/** Whether there are more than are told. */
interface Cut {
  truncated: boolean;
}

export interface McpDeps {
  catalog: McpCatalog;
  data: AiData;
  /** Rows of an answer at most. */
  maxRows: number;
  /** Told when they did not do. */
  cut(): void;
}

/** One thing that an agent may do; all only read. `run` throws AppErrors. */
export interface McpTool {
  name: string;
  title: string;
  description: string;
  /** As it is checked. */
  schema: TSchema;
  run(args: never, request: QueryRequest, deps: McpDeps): Promise<object>;
}

const closed = { additionalProperties: false } as const;
const tool = <S extends TSchema>(
  made: Omit<McpTool, 'run' | 'schema'> & {
    schema: S;
    run(args: Static<S>, request: QueryRequest, deps: McpDeps): Promise<object>;
  },
): McpTool => made as unknown as McpTool;

const FROM =
  '"from" is {"dataset": name}, {"model": name}, {"datasource": name, "table": "schema.table"}, or {"datasource": name, "sql": "select …"}.';
const Timezone = Type.Optional(Type.String({ minLength: 1, maxLength: 64 }));
const Query = Type.Object({ from: From, query: AiQuery, timezone: Timezone }, closed);
const frameOf = ({ from, timezone }: Static<typeof Query>) => ({
  from,
  ...(timezone === undefined ? {} : { timezone }),
});

/** As many rows as were asked for and may be given; an answer that has fewer for that reason says so. */
async function rowsOf(
  spec: QuerySpec,
  asked: number | undefined,
  request: QueryRequest,
  { data, maxRows, cut }: McpDeps,
): Promise<RowsResult> {
  if (asked !== undefined && asked <= maxRows) return data.rows(spec, request);
  const answer = await data.rows({ ...spec, limit: maxRows, totalRows: true }, request);
  const { meta, rows } = answer;
  if (Math.min(Number(meta.totalRows), asked ?? Number.POSITIVE_INFINITY) <= rows.length) return answer;
  cut();
  const warnings = [...(meta.warnings as string[]), `The answer was cut at MCP_MAX_ROWS (${maxRows}) rows`];
  return { ...answer, meta: { ...meta, truncated: true, warnings } };
}

export const MCP_TOOLS: readonly McpTool[] = [
  tool({
    name: 'list_sources',
    title: 'List sources',
    description:
      'The datasets, models and datasources that queries may read; "truncated" where there are more.',
    schema: Type.Object({}, closed),
    run: (_, __, { catalog }) => catalog.sources(),
  }),
  tool({
    name: 'list_tables',
    title: 'List tables',
    description:
      'Tables and views of a datasource, or of one of its schemas; "truncated" where there are more.',
    schema: Type.Object(
      { datasource: Type.String({ minLength: 1 }), schema: Type.Optional(Type.String({ minLength: 1 })) },
      closed,
    ),
    run: ({ datasource, schema }, { signal }, { catalog }) => catalog.tables(datasource, schema, signal),
  }),
  tool({
    name: 'describe_source',
    title: 'Describe a source',
    description: `Names and types of the fields of a source. ${FROM}`,
    schema: Type.Object({ from: From }, closed),
    run: ({ from }, { signal }, { data }) => data.fields(from, signal),
  }),
  tool({
    name: 'validate_query',
    title: 'Validate a query',
    description: `Whether a query can run, and what is wrong with it. ${FROM}\n${LANGUAGE}`,
    schema: Query,
    async run(args, { signal }, { data }) {
      const faults = await queryFaults(args.query, frameOf(args), data, '/query', signal);
      return { valid: faults.length === 0, faults };
    },
  }),
  tool({
    name: 'run_query',
    title: 'Run a query or pivot',
    description: `Runs a query and gives its rows, or the cells of a pivot with its totals. ${FROM}\n${LANGUAGE}`,
    schema: Query,
    async run(args, request, deps) {
      const query = queryOf(args.query, frameOf(args));
      if (query.kind === 'spec') return rowsOf(query.spec, args.query.limit, request, deps);
      const { data, maxRows } = deps;
      const page = { ...query.spec.page, rows: { limit: maxRows } };
      return data.grid({ ...query.spec, page }, request);
    },
  }),
  tool({
    name: 'explain_change',
    title: 'Explain a change',
    description: `What changed in a sum or count between two ranges of time, and which members of which dimensions made the change. ${FROM}`,
    schema: ChangeInput,
    async run(args, request, { data }) {
      return changeFacts(await additiveChange(args, data), { data, query: request });
    },
  }),
];

/** What is wrong with the arguments of a tool. */
export const argumentFaults = ({ schema }: McpTool, args: unknown) => issues(schema, args);
