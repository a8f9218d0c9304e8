/** A schema in words, for models and servers that are not made to keep to one. */
export const toldSchema = ({ schema }: { schema: object }) =>
  `Answer with one JSON object and nothing else. It must be valid against this JSON schema:\n${JSON.stringify(schema)}`;
