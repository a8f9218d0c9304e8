import Type, { type Static } from 'typebox';
import { Name } from './name.ts';

const closed = { additionalProperties: false } as const;

const Value = Type.String({ minLength: 1, maxLength: 16_384, pattern: '^[^\\u0000]*$' });
/** A name or address, as a URL spells it, without port; `*` is any. */
const Host = Type.String({
  minLength: 1,
  maxLength: 253,
  pattern: '^[^\\s/:@?#*]+$|^\\*$|^\\[[\\da-fA-F:.]+\\]$',
});
const Hosts = Type.Array(Host, { minItems: 1, maxItems: 100 });

export const SecretInput = Type.Object(
  {
    name: Name,
    description: Type.Optional(Type.String({ maxLength: 10_000 })),
    value: Value,
    /** The only hosts that it may be sent to, so that whoever may name it cannot have it sent to himself. */
    hosts: Hosts,
  },
  closed,
);
export type SecretInput = Static<typeof SecretInput>;

/** The name stays: sources refer to it. */
export const SecretPatch = Type.Object(
  {
    description: Type.Optional(Type.String({ maxLength: 10_000 })),
    value: Type.Optional(Value),
    hosts: Type.Optional(Hosts),
  },
  { ...closed, minProperties: 1 },
);
export type SecretPatch = Static<typeof SecretPatch>;

/** In place of a text that nobody may read: the name of a stored secret. */
export const SecretRef = Type.Object({ secret: Name }, closed);
export type SecretRef = Static<typeof SecretRef>;

/** What refers to a secret. */
export interface SecretUse {
  kind: 'syncTask';
  id: string;
  name: string;
}

/** A secret as it is shown; its value never is. */
export interface Secret {
  id: string;
  name: string;
  description: string;
  hosts: readonly string[];
  /** Grows when the value is changed. */
  version: number;
  usedBy: readonly SecretUse[];
  createdAt: string;
  createdBy: string | null;
  updatedAt: string;
}

/** Names of the secrets that a JSON value refers to, each once. */
export function secretsNamedIn(value: unknown): string[] {
  const found = new Set<string>();
  const look = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const { secret } = part as { secret?: unknown };
    if (typeof secret === 'string' && Object.keys(part).length === 1) found.add(secret);
    for (const inner of Object.values(part)) look(inner);
  };
  look(value);
  return [...found];
}
