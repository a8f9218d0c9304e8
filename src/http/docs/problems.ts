import { CODES, type Code } from '../../base/errors.ts';
import type { Access } from '../access.ts';
import { PROBLEM_TYPE, STATUS } from '../problem.ts';
import type { Json } from './components.ts';

export const PROBLEM_SCHEMA: Json = {
  type: 'object',
  description: 'What went wrong (RFC 9457). Some codes have members of their own besides these',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri-reference', description: 'Where the code is described' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What is wrong with this request, in words' },
    instance: { type: 'string', format: 'uri-reference' },
    code: { type: 'string', enum: Object.keys(CODES), description: 'Stable; decide by it, not by the texts' },
    requestId: { type: 'string', description: 'Stands in the log too' },
    pointer: { type: 'string', description: 'The field at fault (RFC 6901)' },
    in: { type: 'string', enum: ['body', 'query', 'path', 'header', 'cookie'] },
    errors: {
      type: 'array',
      description: 'All faults of the request',
      items: {
        type: 'object',
        required: ['pointer', 'message'],
        properties: { pointer: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

const EVERYWHERE: readonly Code[] = [
  'request.invalid',
  'overloaded',
  'storage.busy',
  'storage.unreachable',
  'internal',
];
const SIGNED_IN: readonly Code[] = ['auth.required', 'auth.invalid'];
const WITH_BODY: readonly Code[] = [
  'request.parse',
  'request.tooLarge',
  'request.unsupportedMedia',
  'request.tooSlow',
];

export interface Kind {
  access: Access;
  /** Whether the endpoint needs a right. */
  isGuarded: boolean;
  isChange: boolean;
  hasBody: boolean;
  hasPath: boolean;
}

/** The codes that any operation of the kind may give. */
export function codesOf({ access, isGuarded, isChange, hasBody, hasPath }: Kind): Code[] {
  return [
    ...EVERYWHERE,
    ...(access === 'open' ? [] : SIGNED_IN),
    ...(isGuarded || access === 'metrics' ? (['auth.forbidden'] as const) : []),
    ...(isChange && access !== 'open' ? (['request.csrf'] as const) : []),
    ...(hasBody ? WITH_BODY : []),
    ...(hasPath ? (['resource.notFound'] as const) : []),
  ];
}

const RETRY_AFTER = {
  description: 'Seconds after which the same request may succeed',
  schema: { type: 'integer' },
};

const nameOf = (status: number) => `Problem${status}`;

const byStatus = (codes: Iterable<Code>) =>
  [...Map.groupBy(codes, (code) => STATUS[code])].sort(([a], [b]) => a - b);

/** The responses of an operation, each with the codes that it may have here. */
export function problemResponses(codes: readonly Code[]): Record<string, Json> {
  const responses = byStatus(new Set(codes)).map(([status, found]) => [
    String(status),
    {
      $ref: `#/components/responses/${nameOf(status)}`,
      description: found.map((code) => `\`${code}\``).join(', '),
    },
  ]);
  return Object.fromEntries(responses);
}

const content = { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } };

/** What `problemResponses` refers to, and the response of any other status. */
export function sharedResponses(): Json {
  const responses = byStatus(Object.keys(CODES) as Code[]).map(([status, found]) => [
    nameOf(status),
    {
      description: found.map((code) => `\`${code}\`: ${CODES[code]}`).join('. '),
      ...(status === 429 || status === 503 ? { headers: { 'Retry-After': RETRY_AFTER } } : {}),
      content,
    },
  ]);
  return { ...Object.fromEntries(responses), Problem: { description: 'The request failed', content } };
}
