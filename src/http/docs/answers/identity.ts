import Type from 'typebox';
import { ApiKey } from '../../../domain/api-key.ts';
import { Scope } from '../../../domain/principal.ts';
import { User } from '../../../domain/user.ts';
import { Count, closed, Time } from './parts.ts';

export const UserSummary = Type.Pick(User, ['id', 'email', 'name', 'role'], closed);

export const FailedSignIns = Type.Object(
  { count: Count, lastAt: Type.Optional(Time), lastAddress: Type.Optional(Type.String()) },
  { ...closed, description: 'Failed attempts to sign in as this user before this sign-in' },
);

const GRANT = {
  token: Type.String({ description: 'Send it as `Authorization: Bearer …`' }),
  expiresAt: Time,
  user: UserSummary,
};

export const Session = Type.Object(GRANT, closed);
export const SignedIn = Type.Object({ ...GRANT, failedSignIns: FailedSignIns }, closed);

export const Me = Type.Object(
  {
    user: UserSummary,
    failedSignIns: Type.Optional(FailedSignIns),
    via: Type.Object({ kind: Type.Enum(['session', 'key', 'startKey']), id: Type.String() }, closed),
    scopes: Type.Array(Scope),
  },
  closed,
);

export const IssuedApiKey = Type.Object(
  { ...ApiKey.properties, key: Type.String({ description: 'The key itself; no other answer shows it' }) },
  closed,
);
