import Type, { type Static } from 'typebox';
import { AppError } from '../../base/errors.ts';
import { issues } from '../../domain/schema.ts';
import type { QueryRequest } from '../query.ts';
import { argumentFaults, MCP_TOOLS, type McpDeps, type McpTool } from './tools.ts';

/** Revisions of the Model Context Protocol that are spoken, the newest first (https://modelcontextprotocol.io/specification). */
export const MCP_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26'] as const;

const Id = Type.Union([Type.String(), Type.Number()]);
const Message = Type.Object({
  jsonrpc: Type.Literal('2.0'),
  id: Type.Optional(Id),
  method: Type.Optional(Type.String()),
  params: Type.Optional(Type.Object({})),
});
type Message = Static<typeof Message>;
type Params = Readonly<Record<string, unknown>>;

export interface JsonRpcAnswer {
  jsonrpc: '2.0';
  id: Static<typeof Id> | null;
  result?: object;
  error?: { code: number; message: string; data?: unknown };
}

const INVALID_REQUEST = -32600;
const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;

class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
  }
}

const shownTool = ({ name, title, description, schema }: McpTool) => ({
  name,
  title,
  description,
  inputSchema: { ...looseSchema(schema) },
  annotations: { readOnlyHint: true, destructiveHint: false, openWorldHint: false },
});

/** A schema as agents take it: references of ours are told as «any object», which the check of the call makes good. */
function looseSchema(schema: object): object {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    typeof value === 'object' && value !== null && '$ref' in value && key !== '' ? { type: 'object' } : value,
  );
  return JSON.parse(text) as object;
}

/** Answers messages of agents, one by one and without a session: what they may is what their key may. */
export class McpServer {
  constructor(
    readonly deps: McpDeps,
    readonly version: string,
  ) {}

  /** Undefined for what wants no answer. Never rejects for what an agent sent. */
  async answer(message: unknown, request: QueryRequest): Promise<JsonRpcAnswer | undefined> {
    const [fault] = issues(Message, message);
    if (fault)
      return failed(
        null,
        new RpcError(INVALID_REQUEST, `${fault.pointer || 'The message'} ${fault.message}`),
      );
    const { id, method, params = {} } = message as Message;
    if (id === undefined || method === undefined) return undefined;
    try {
      return { jsonrpc: '2.0', id, result: await this.#call(method, params as Params, request) };
    } catch (error) {
      return failed(id, error);
    }
  }

  async #call(method: string, params: Params, request: QueryRequest): Promise<object> {
    switch (method) {
      case 'initialize':
        return this.#initialize(params);
      case 'ping':
        return {};
      case 'tools/list':
        return { tools: MCP_TOOLS.map(shownTool) };
      case 'tools/call':
        return this.#runTool(params, request);
      default:
        throw new RpcError(METHOD_NOT_FOUND, `There is no method ${JSON.stringify(method)}`);
    }
  }

  #initialize({ protocolVersion }: Params): object {
    const known = MCP_VERSIONS.find((version) => version === protocolVersion) ?? MCP_VERSIONS[0];
    return {
      protocolVersion: known,
      capabilities: { tools: {} },
      serverInfo: { name: 'reporting-api', title: 'Reporting API', version: this.version },
      instructions:
        'Read-only reporting over datasets and databases. List the sources, describe one, then run a query or pivot: totals come from rows at each level.',
    };
  }

  async #runTool({ name, arguments: args = {} }: Params, request: QueryRequest): Promise<object> {
    const tool = MCP_TOOLS.find((each) => each.name === name);
    if (!tool) throw new RpcError(INVALID_PARAMS, `There is no tool ${JSON.stringify(name)}`);
    const faults = argumentFaults(tool, args);
    if (faults.length > 0)
      return toolFailed(
        faults.map(({ pointer, message }) => `${pointer || 'the arguments'} ${message}`).join('\n'),
      );
    try {
      const result = await tool.run(args as never, request, this.deps);
      return {
        content: [{ type: 'text', text: JSON.stringify(result) }],
        structuredContent: result,
        isError: false,
      };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { code, pointer, message, retryAfterS } = error;
      return toolFailed(JSON.stringify({ code, pointer, detail: message, retryAfterS }));
    }
  }
}

/** A failure that the agent should read and act on. */
const toolFailed = (text: string) => ({ content: [{ type: 'text', text }], isError: true });

function failed(id: JsonRpcAnswer['id'], error: unknown): JsonRpcAnswer {
  if (!(error instanceof RpcError)) throw error;
  const { code, message, data } = error;
  return { jsonrpc: '2.0', id, error: { code, message, ...(data === undefined ? {} : { data }) } };
}
