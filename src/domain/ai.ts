import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;

export const AI_PROVIDERS = ['gemini', 'openai', 'mistral', 'anthropic', 'compatible'] as const;
export const AiProviderName = Type.Enum([...AI_PROVIDERS]);
export type AiProviderName = (typeof AI_PROVIDERS)[number];

/** What is asked of a model; also the name of the endpoint. */
export const AI_TASKS = ['describe', 'enhance', 'plan', 'suggest', 'ask', 'explain', 'fix'] as const;
export type AiTask = (typeof AI_TASKS)[number];

const ModelName = Type.String({ minLength: 1, maxLength: 200, pattern: '^[\\x21-\\x7e]+$' });
const ApiKey = Type.String({ minLength: 1, maxLength: 1000, pattern: '^[\\x21-\\x7e]+$' });
const BaseUrl = Type.String({ minLength: 1, maxLength: 500, pattern: '^https?://[^\\s?#@]+$' });

export const AiMasking = Type.Object(
  {
    email: Type.Optional(Type.Boolean()),
    phone: Type.Optional(Type.Boolean()),
    card: Type.Optional(Type.Boolean()),
    iban: Type.Optional(Type.Boolean()),
    /** Names of columns whose values never leave; `*` stands for any characters. */
    columns: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 500 })),
  },
  closed,
);

/** How AI is set up. A key that is not given stays, unless the provider or the base URL changes; null takes it away. */
export const AiConfigInput = Type.Object(
  {
    provider: AiProviderName,
    model: ModelName,
    baseUrl: Type.Optional(BaseUrl),
    key: Type.Optional(Type.Union([ApiKey, Type.Null()])),
    allowColumnNames: Type.Optional(Type.Boolean()),
    allowSampleRows: Type.Optional(Type.Boolean()),
    masking: Type.Optional(AiMasking),
    /** Tokens of one user in a day (UTC); 0 for no bound. */
    dailyTokens: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000 })),
    models: Type.Optional(
      Type.Object(Object.fromEntries(AI_TASKS.map((task) => [task, Type.Optional(ModelName)])), closed),
    ),
  },
  closed,
);
export type AiConfigInput = Static<typeof AiConfigInput>;

/** The set-up as it is kept and shown; without the key. */
export interface AiSettings {
  provider: AiProviderName;
  model: string;
  baseUrl: string;
  allowColumnNames: boolean;
  allowSampleRows: boolean;
  masking: { email: boolean; phone: boolean; card: boolean; iban: boolean; columns: readonly string[] };
  dailyTokens: number;
  models: Readonly<Partial<Record<AiTask, string>>>;
}

/** A provider and key of the caller's own, for one request. */
export const AI_ACCESS = {
  provider: Type.Optional(AiProviderName),
  model: Type.Optional(ModelName),
  apiKey: Type.Optional(ApiKey),
} as const;
export interface AiAccessInput {
  provider?: AiProviderName;
  model?: string;
  apiKey?: string;
}
