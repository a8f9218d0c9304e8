import Type, { type TSchema } from 'typebox';
import type { AiProviderName } from '../../../src/domain/ai.ts';
import { issues } from '../../../src/domain/schema.ts';
import type { Seen } from './wire-server.ts';

/**
 * What the real servers would refuse in a request: fields that they do not know or that reasoning models do not take, empty messages, calls
 * without answers, schemas outside of what they take. From their API references, and from what their SDKs and users report of them.
 */
const closed = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1 });
const Name = Type.String({ pattern: '^[a-zA-Z0-9_-]{1,64}$' });
const Positive = Type.Integer({ minimum: 1 });
const JsonObject = Type.Object({ type: Type.Literal('object') });
const optional = Type.Optional;

type Json = Record<string, unknown>;
type Check = (seen: Seen) => string[];

const bySchema = (schema: TSchema, value: unknown) =>
  issues(schema, value).map(({ pointer, message }) => `${pointer} ${message}`);

interface ChatMessage {
  role: string;
  content?: string | null;
  tool_call_id?: string;
  tool_calls?: { id: string; function: { arguments: string } }[];
}

/** The messages and tools of Chat Completions, with what a variant adds to its body and to the answers of tools. */
function chatSchema(body: Record<string, TSchema>, tool: Record<string, TSchema> = {}): TSchema {
  const call = Type.Object(
    {
      id: Text,
      type: Type.Literal('function'),
      function: Type.Object({ name: Name, arguments: Type.String() }, closed),
    },
    closed,
  );
  const message = Type.Union([
    Type.Object({ role: Type.Literal('system'), content: Text }, closed),
    Type.Object({ role: Type.Literal('user'), content: Text }, closed),
    Type.Object(
      {
        role: Type.Literal('assistant'),
        content: Type.Union([Text, Type.Null()]),
        tool_calls: optional(Type.Array(call, { minItems: 1 })),
      },
      closed,
    ),
    Type.Object({ role: Type.Literal('tool'), tool_call_id: Text, content: Type.String(), ...tool }, closed),
  ]);
  const offered = Type.Object(
    {
      type: Type.Literal('function'),
      function: Type.Object({ name: Name, description: Text, parameters: JsonObject }, closed),
    },
    closed,
  );
  return Type.Object(
    {
      model: Text,
      messages: Type.Array(message, { minItems: 1 }),
      tools: optional(Type.Array(offered, { minItems: 1 })),
      stream: optional(Type.Literal(true)),
      ...body,
    },
    closed,
  );
}

const SchemaFormat = Type.Object(
  {
    type: Type.Literal('json_schema'),
    json_schema: Type.Object({ name: Name, schema: JsonObject, strict: Type.Boolean() }, closed),
  },
  closed,
);
const AnyJson = Type.Object({ type: Type.Literal('json_object') }, closed);
const StreamOptions = Type.Object({ include_usage: Type.Boolean() }, closed);

/** With `strict`, every object must be closed and every property required. */
function strictFaults(schema: unknown, at: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { type, properties, required, additionalProperties } = schema as Json;
  const names = Object.keys((properties ?? {}) as object);
  const faults =
    type === 'object' &&
    (additionalProperties !== false || names.some((name) => !((required ?? []) as string[]).includes(name)))
      ? [`${at} is not closed, or leaves properties optional`]
      : [];
  return faults.concat(Object.entries(schema).flatMap(([name, one]) => strictFaults(one, `${at}/${name}`)));
}

/** Each call is answered by the messages right behind it, each answer belongs to a call, and a text has no message but calls. */
function conversationFaults(messages: readonly ChatMessage[]): string[] {
  const faults: string[] = [];
  let open = new Set<string>();
  for (const { role, content, tool_calls, tool_call_id } of messages) {
    if (role === 'tool' && !open.delete(tool_call_id!)) faults.push(`${tool_call_id} answers no call`);
    if (role !== 'tool' && open.size > 0) faults.push(`${[...open]} have no answer`);
    if (role === 'assistant') {
      open = new Set((tool_calls ?? []).map(({ id }) => id));
      if (content === null && open.size === 0) faults.push('an assistant message has neither text nor calls');
    }
  }
  return faults;
}

const chatFaults =
  (schema: TSchema, more: (body: Json, messages: readonly ChatMessage[]) => string[]): Check =>
  ({ path, body, headers }) => {
    const faults = bySchema(schema, body);
    if (path !== '/chat/completions') faults.push(`the path is ${path}`);
    if (headers.authorization === undefined) faults.push('there is no key');
    if (body.stream_options !== undefined && body.stream !== true)
      faults.push('stream_options goes with stream');
    if (faults.length > 0) return faults;
    const messages = body.messages as ChatMessage[];
    return [...conversationFaults(messages), ...more(body, messages)];
  };

const openai = chatFaults(
  chatSchema({
    max_completion_tokens: Positive,
    reasoning_effort: optional(Type.Literal('none')),
    response_format: optional(Type.Union([SchemaFormat, AnyJson])),
    stream_options: optional(StreamOptions),
  }),
  ({ response_format }) => {
    const { json_schema } = (response_format ?? {}) as { json_schema?: { strict: boolean; schema: object } };
    return json_schema?.strict ? strictFaults(json_schema.schema, '') : [];
  },
);

const mistral = chatFaults(
  chatSchema(
    { max_tokens: Positive, response_format: optional(SchemaFormat) },
    { name: optional(Type.String()) },
  ),
  (_, messages) => [
    ...(['user', 'tool'].includes(messages.at(-1)!.role) ? [] : ['the last message is no user’s or tool’s']),
    ...messages
      .flatMap(({ tool_calls = [], tool_call_id }) => [...tool_calls.map(({ id }) => id), tool_call_id])
      .filter((id) => id !== undefined && !/^[a-zA-Z0-9]{9}$/.test(id))
      .map((id) => `Tool call id was ${id} but must be a-z, A-Z, 0-9, with a length of 9`),
  ],
);

/** What the templates of local models take: one system message, the first; then user and assistant by turns. */
const compatible: Check = ({ headers, ...seen }) =>
  chatFaults(
    chatSchema({
      max_tokens: Positive,
      response_format: optional(AnyJson),
      stream_options: optional(StreamOptions),
    }),
    ({ response_format }, messages) => {
      const faults: string[] = [];
      for (const [index, { role }] of messages.entries()) {
        if (role === 'system' && index > 0) faults.push('a system message is not the first');
        if (role !== 'tool' && role === messages[index - 1]?.role) faults.push(`two of ${role} in a row`);
      }
      if (response_format && !messages.some(({ content }) => /json/i.test(content ?? '')))
        faults.push('json_object without the word JSON in a message');
      return faults;
    },
  )({ ...seen, headers: { authorization: 'none is needed', ...headers } });

const Block = Type.Union([
  Type.Object({ type: Type.Literal('text'), text: Type.String({ pattern: '\\S' }) }, closed),
  Type.Object(
    {
      type: Type.Literal('tool_use'),
      id: Type.String({ pattern: '^[a-zA-Z0-9_-]+$' }),
      name: Name,
      input: Type.Object({}),
    },
    closed,
  ),
  Type.Object({ type: Type.Literal('tool_result'), tool_use_id: Text, content: Type.String() }, closed),
]);
const Anthropic = Type.Object(
  {
    model: Text,
    max_tokens: Positive,
    system: optional(Text),
    messages: Type.Array(
      Type.Object(
        { role: Type.Enum(['user', 'assistant']), content: Type.Array(Block, { minItems: 1 }) },
        closed,
      ),
      { minItems: 1 },
    ),
    tools: optional(
      Type.Array(Type.Object({ name: Name, description: Text, input_schema: JsonObject }, closed), {
        minItems: 1,
      }),
    ),
    tool_choice: optional(Type.Object({ type: Type.Literal('tool'), name: Name }, closed)),
    stream: optional(Type.Literal(true)),
  },
  closed,
);

interface Turn {
  role: string;
  content: { type: string; id?: string; tool_use_id?: string }[];
}

const anthropic: Check = ({ path, body, headers }) => {
  const faults = bySchema(Anthropic, body);
  if (path !== '/messages') faults.push(`the path is ${path}`);
  if (headers['x-api-key'] === undefined || headers.authorization !== undefined)
    faults.push('the key is not in x-api-key alone');
  if (headers['anthropic-version'] !== '2023-06-01') faults.push('there is no version');
  if (faults.length > 0) return faults;
  // Turns of one side that follow one another are one turn.
  const turns: Turn[] = [];
  for (const { role, content } of body.messages as Turn[])
    if (turns.at(-1)?.role === role) turns.at(-1)!.content.push(...content);
    else turns.push({ role, content: [...content] });
  if (turns[0]!.role !== 'user') faults.push('the first message is no user’s');
  if (turns.at(-1)!.role !== 'user') faults.push('the last message is no user’s');
  for (const [index, { content }] of turns.entries()) {
    const used = content.filter(({ type }) => type === 'tool_use').map(({ id }) => id);
    const answered = (turns[index + 1]?.content ?? []).flatMap(({ tool_use_id }) => tool_use_id ?? []);
    if (used.join() !== answered.join()) faults.push(`tool_use ${used} is answered by ${answered}`);
    const kinds = content.map(({ type }) => type);
    const given = kinds.filter((kind) => kind === 'tool_result');
    if (kinds.slice(0, given.length).join() !== given.join())
      faults.push('tool_result blocks come first in a message');
  }
  return faults;
};

const Part = Type.Union([
  Type.Object({ text: Text }, closed),
  Type.Object(
    {
      functionCall: Type.Object({ name: Name, args: Type.Object({}) }, closed),
      thoughtSignature: optional(Text),
    },
    closed,
  ),
  Type.Object({ functionResponse: Type.Object({ name: Name, response: Type.Object({}) }, closed) }, closed),
]);
const Parts = Type.Array(Part, { minItems: 1 });
const Gemini = Type.Object(
  {
    systemInstruction: optional(Type.Object({ parts: Parts }, closed)),
    contents: Type.Array(Type.Object({ role: Type.Enum(['user', 'model']), parts: Parts }, closed), {
      minItems: 1,
    }),
    tools: optional(
      Type.Array(
        Type.Object(
          {
            functionDeclarations: Type.Array(
              Type.Object({ name: Name, description: Text, parametersJsonSchema: JsonObject }, closed),
            ),
          },
          closed,
        ),
      ),
    ),
    generationConfig: Type.Object(
      {
        maxOutputTokens: Positive,
        responseMimeType: optional(Type.Literal('application/json')),
        responseJsonSchema: optional(JsonObject),
      },
      closed,
    ),
  },
  closed,
);
const GEMINI_KEYWORDS = new Set(
  '$id $defs $ref $anchor type format title description enum items prefixItems minItems maxItems minimum maximum anyOf oneOf properties additionalProperties required'.split(
    ' ',
  ),
);
/** Longer lists altogether are refused as too many states (googleapis/python-genai, issue 2170). */
const GEMINI_MOST_ITEMS = 900;

function geminiSchemaFaults(schema: unknown): string[] {
  let items = 0;
  const faults: string[] = [];
  const look = (one: Json, at: string) => {
    items += Number(one.maxItems ?? 0);
    for (const keyword of Object.keys(one))
      if (!GEMINI_KEYWORDS.has(keyword)) faults.push(`${at}/${keyword} is not supported`);
    if (one.type === undefined && one.anyOf === undefined) faults.push(`${at} has no type`);
    const properties = Object.entries((one.properties ?? {}) as Record<string, Json>);
    if (one.type === 'object' && properties.length === 0)
      faults.push(`${at}.properties: should be non-empty for OBJECT type`);
    for (const [name, inner] of properties) look(inner, `${at}/${name}`);
    if (one.items) look(one.items as Json, `${at}/items`);
    for (const [index, inner] of ((one.anyOf ?? []) as Json[]).entries()) look(inner, `${at}/anyOf/${index}`);
  };
  look(schema as Json, '');
  return items > GEMINI_MOST_ITEMS ? [...faults, 'too many states for serving'] : faults;
}

interface Content {
  role: string;
  parts: { functionCall?: object; functionResponse?: object; thoughtSignature?: string }[];
}

const gemini: Check = ({ path, body, headers }) => {
  const faults = bySchema(Gemini, body);
  if (!/^\/models\/[\w.-]+:(?:generateContent|streamGenerateContent\?alt=sse)$/.test(path))
    faults.push(`the path is ${path}`);
  if (headers['x-goog-api-key'] === undefined) faults.push('there is no key');
  if (faults.length > 0) return faults;
  const contents = body.contents as Content[];
  if (contents[0]!.role !== 'user') faults.push('the first content is no user’s');
  if (contents.at(-1)!.role !== 'user') faults.push('the last content is no user’s');
  for (const [index, { parts }] of contents.entries()) {
    const calls = parts.filter(({ functionCall }) => functionCall);
    const answers = (contents[index + 1]?.parts ?? []).filter(({ functionResponse }) => functionResponse);
    if (calls.length !== answers.length)
      faults.push('the number of function response parts is not that of function call parts');
    if (calls.length > 0 && calls[0]!.thoughtSignature === undefined)
      faults.push('a function call is missing its thought_signature');
  }
  const { generationConfig, tools = [] } = body as {
    generationConfig: { responseMimeType?: string; responseJsonSchema?: object };
    tools?: { functionDeclarations: { parametersJsonSchema: object }[] }[];
  };
  const { responseJsonSchema, responseMimeType } = generationConfig;
  const offered = tools.flatMap(({ functionDeclarations }) => functionDeclarations);
  if (responseJsonSchema && responseMimeType === undefined)
    faults.push('the schema goes with a type of JSON');
  const schemas = [responseJsonSchema ?? [], offered.map((each) => each.parametersJsonSchema)].flat();
  return faults.concat(schemas.flatMap(geminiSchemaFaults));
};

const CHECKS: Record<AiProviderName, Check> = { openai, mistral, compatible, anthropic, gemini };

/** What the provider's server would refuse in a request. */
export const requestFaults = (provider: AiProviderName, seen: Seen): string[] => CHECKS[provider](seen);
