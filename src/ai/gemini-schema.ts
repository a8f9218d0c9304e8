interface Schema {
  type?: string;
  description?: string;
  enum?: readonly unknown[];
  properties?: Readonly<Record<string, object>>;
  required?: readonly string[];
  items?: object;
  anyOf?: readonly object[];
  additionalProperties?: boolean;
}

/**
 * A JSON schema as Gemini takes it (https://ai.google.dev/api/generate-content, `responseJsonSchema`): a few keywords, each schema with its type.
 * Bounds are left out: with them it refuses schemas for having «too many states»; what comes is checked by us anyway.
 */
export function geminiSchema(schema: object): object {
  const {
    type,
    description,
    enum: values,
    properties,
    required,
    items,
    anyOf,
    additionalProperties,
  } = schema as Schema;
  const typed = type ?? (values === undefined ? undefined : 'string');
  return {
    ...(typed === undefined ? {} : { type: typed }),
    ...(description === undefined ? {} : { description }),
    ...(values === undefined ? {} : { enum: values }),
    ...(items === undefined ? {} : { items: geminiSchema(items) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(geminiSchema) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, one]) => [name, geminiSchema(one)]),
          ),
        }),
    ...(required === undefined ? {} : { required }),
    ...(additionalProperties === undefined ? {} : { additionalProperties }),
  };
}
