import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;
export const MAX_TOPICS = 100;
/** `runs`, `run:<id>` or `dataset:<id>`. */
const Topic = Type.String({ pattern: '^(?:runs|run:run_[0-9a-z]{1,40}|dataset:dst_[0-9a-z]{1,40})$' });
const topics = Type.Array(Topic, { minItems: 1, maxItems: MAX_TOPICS });

/** What a client may say, one JSON object a message. */
export const LiveMessage = Type.Union([
  Type.Object({ type: Type.Literal('auth'), token: Type.String({ minLength: 1, maxLength: 4096 }) }, closed),
  Type.Object({ type: Type.Literal('subscribe'), topics }, closed),
  Type.Object({ type: Type.Literal('unsubscribe'), topics }, closed),
  Type.Object({ type: Type.Literal('ping') }, closed),
]);
export type LiveMessage = Static<typeof LiveMessage>;

/** Why the service ended a connection (RFC 6455 leaves 4000–4999 to applications). */
export const LIVE_CODES = {
  unauthorized: 4401,
  forbidden: 4403,
  invalid: 4400,
  slow: 4408,
  goingAway: 1001,
} as const;
