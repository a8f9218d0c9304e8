import Type from 'typebox';

export const ROLES = ['viewer', 'editor', 'admin'] as const;
export const Role = Type.Enum([...ROLES]);
export type Role = (typeof ROLES)[number];

/** What an API key may do, at most what its owner's role allows: read data; write datasets and saved work; administer. */
export const SCOPES = ['read', 'write', 'admin'] as const;
export const Scope = Type.Enum([...SCOPES]);
export type Scope = (typeof SCOPES)[number];

const SCOPES_OF: Record<Role, readonly Scope[]> = {
  viewer: ['read'],
  editor: ['read', 'write'],
  admin: SCOPES,
};

/** Who is asking, made once a request by the guard and by nothing else. */
export interface Principal {
  userId: string;
  role: Role;
  scopes: readonly Scope[];
  /** The session's or the key's id. */
  via: { kind: 'session' | 'key' | 'startKey'; id: string };
}

export function scopesOf(role: Role, limitedTo: readonly Scope[] = SCOPES): readonly Scope[] {
  return SCOPES_OF[role].filter((scope) => limitedTo.includes(scope));
}

/** Part of every cache key: two principals with equal fingerprints may see the same rows. */
export type PolicyFingerprint = string & { readonly policy: unique symbol };
