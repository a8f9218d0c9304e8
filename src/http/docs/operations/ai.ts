import Type, { type TSchema } from 'typebox';
import type { Code } from '../../../base/errors.ts';
import { AI_STEPS } from '../../../services/ai/progress.ts';
import { EVENT_STREAM } from '../../event-stream.ts';
import {
  AiAnswer,
  AiConfig,
  AiDescription,
  AiExplanation,
  AiFix,
  AiPlan,
  AiPrompt,
  AiWidgets,
  JsonRpcAnswer,
} from '../answers/ai.ts';
import { type OperationDocs, ok } from '../operation.ts';
import { OUTBOUND_CODES } from './datasources.ts';
import { QUERY_CODES } from './queries.ts';

const AI_CODES: readonly Code[] = [
  ...QUERY_CODES,
  'ai.notConfigured',
  'ai.auth',
  'ai.quota',
  'ai.rate',
  'ai.context',
  'ai.refused',
  'ai.model',
  'ai.unavailable',
  'ai.badOutput',
  'ai.timeout',
  'ai.budget',
  ...OUTBOUND_CODES,
];

const STREAMED = `With \`Accept: text/event-stream\` the answer comes as server-sent events: \`progress\` (\`step\`: ${AI_STEPS.join(', ')}), \`text\` (a piece of the text as it is written, unchecked; void once a \`repairing\` follows), then \`result\` with the same answer as without, or \`error\` with the problem. Comments keep the connection open; closing it ends the call.`;

const written = (schema: TSchema) => ({
  200: {
    description: 'The answer, at once or as events',
    content: { 'application/json': schema, [EVENT_STREAM]: Type.String() },
  },
});

const ORDERS = { dataset: 'orders' };

export const AI: OperationDocs = {
  'GET /ai/config': {
    id: 'getAiConfig',
    description: 'Says whether there is a key, never the key.',
    answers: ok(AiConfig),
  },
  'PUT /ai/config': {
    id: 'setAiConfig',
    description:
      'A key that is not given stays, unless the provider or the base URL changes; null takes it away. Rows leave only with `allowSampleRows`.',
    answers: ok(AiConfig),
    codes: ['outbound.blocked'],
    bodies: {
      compatible: {
        provider: 'compatible',
        model: 'small',
        baseUrl: 'http://127.0.0.1:11434/v1',
        key: 'sk-0123456789',
        allowSampleRows: true,
      },
    },
  },
  'POST /ai/describe': {
    id: 'aiDescribe',
    description: `With \`store\` the texts are kept in the model that \`from\` names, which needs the right to write. ${STREAMED}`,
    answers: written(AiDescription),
    codes: AI_CODES,
    bodies: { orders: { from: ORDERS } },
  },
  'POST /ai/enhance': {
    id: 'aiEnhance',
    description: `The wish itself is not carried out. ${STREAMED}`,
    answers: written(AiPrompt),
    codes: AI_CODES,
    bodies: { wish: { prompt: 'sales by region last year', from: ORDERS } },
  },
  'POST /ai/plan': {
    id: 'aiPlan',
    description: `The plan is not carried out. ${STREAMED}`,
    answers: written(AiPlan),
    codes: AI_CODES,
    bodies: { wish: { prompt: 'sales by region last year', from: ORDERS } },
  },
  'POST /ai/suggest': {
    id: 'aiSuggest',
    description: `Every query was read and planned, so that it can run. ${STREAMED}`,
    answers: written(AiWidgets),
    codes: AI_CODES,
    bodies: { one: { from: ORDERS, count: 1 } },
  },
  'POST /ai/ask': {
    id: 'aiAsk',
    description: `The model writes a query, the service runs it as the caller and checks the figures of the text against the result. ${STREAMED}`,
    answers: written(AiAnswer),
    codes: AI_CODES,
    bodies: { question: { from: ORDERS, question: 'Which region has the highest revenue?' } },
  },
  'POST /ai/explain': {
    id: 'aiExplain',
    description: `Contributions are computed from rows; the model only words them. ${STREAMED}`,
    answers: written(AiExplanation),
    codes: AI_CODES,
    bodies: {
      years: {
        from: ORDERS,
        measure: { agg: 'sum', field: 'amount' },
        time: 'ordered_at',
        before: { from: '2023-01-01', to: '2024-01-01' },
        after: { from: '2024-01-01', to: '2025-01-01' },
        dimensions: ['region'],
      },
    },
  },
  'POST /ai/fix': {
    id: 'aiFix',
    description: `The mended query was read and planned, but not run. ${STREAMED}`,
    answers: written(AiFix),
    codes: AI_CODES,
    bodies: {
      spec: {
        from: ORDERS,
        spec: { dimensions: ['regoin'], measures: [{ agg: 'count', as: 'orders' }] },
        error: 'There is no field regoin',
      },
    },
  },
  'POST /mcp': {
    id: 'callMcp',
    description:
      'The Model Context Protocol over HTTP, without sessions: one JSON-RPC message a request. Notifications answer 202. Pages of other sites are refused unless CORS_ORIGINS names them.',
    answers: {
      ...ok(JsonRpcAnswer, 'The answer of JSON-RPC'),
      202: { description: 'A notification was taken' },
    },
    bodies: { tools: { jsonrpc: '2.0', id: 1, method: 'tools/list' } },
  },
};
