import Type, { type Static } from 'typebox';
import { Name } from './name.ts';
import { Scope } from './principal.ts';

const closed = { additionalProperties: false } as const;

/** An API key without its secret; `hint` is its first characters. */
export const ApiKey = Type.Object(
  {
    id: Type.String(),
    userId: Type.String(),
    name: Name,
    hint: Type.String(),
    scopes: Type.Array(Scope),
    createdAt: Type.String(),
    expiresAt: Type.Union([Type.String(), Type.Null()]),
    revokedAt: Type.Union([Type.String(), Type.Null()]),
    lastUsedAt: Type.Union([Type.String(), Type.Null()]),
  },
  closed,
);
export type ApiKey = Static<typeof ApiKey>;

/** Without `expiresAt` it does not expire. */
export const NewApiKey = Type.Object(
  {
    name: Name,
    scopes: Type.Array(Scope, { minItems: 1, uniqueItems: true }),
    expiresAt: Type.Optional(Type.String({ maxLength: 40 })),
  },
  closed,
);
export type NewApiKey = Static<typeof NewApiKey>;

export const ApiKeyPatch = Type.Object({ name: Name }, closed);
export type ApiKeyPatch = Static<typeof ApiKeyPatch>;
