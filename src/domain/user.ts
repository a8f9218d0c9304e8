import Type, { type Static } from 'typebox';
import { Name } from './name.ts';
import { Role } from './principal.ts';
import { parse } from './schema.ts';

const closed = { additionalProperties: false } as const;

/** An address as people write it; `toEmail` gives the one it is known by. */
export const Email = Type.String({
  minLength: 3,
  maxLength: 254,
  pattern: '^\\s*[^\\s@\\u0000-\\u001f\\u007f]+@[^\\s@\\u0000-\\u001f\\u007f]+\\s*$',
});

/** Equal for addresses that differ only in case, in width or in how accents are composed. Throws AppError `request.invalid`. */
export function toEmail(text: string, at = '/email'): string {
  const email = text.normalize('NFKC').trim().toLowerCase().normalize('NFKC');
  return parse(Email, email, at); // normalising can bring in an @ or a space
}

export const Password = Type.String({ minLength: 10, maxLength: 200 });

export const User = Type.Object(
  {
    id: Type.String(),
    email: Type.String(),
    name: Name,
    role: Role,
    disabled: Type.Boolean(),
    createdAt: Type.String(),
    updatedAt: Type.String(),
  },
  closed,
);
export type User = Static<typeof User>;

export const NewUser = Type.Object({ email: Email, name: Name, role: Role, password: Password }, closed);
export type NewUser = Static<typeof NewUser>;

export const UserPatch = Type.Object(
  {
    name: Type.Optional(Name),
    role: Type.Optional(Role),
    disabled: Type.Optional(Type.Boolean()),
    password: Type.Optional(Password),
  },
  { ...closed, minProperties: 1 },
);
export type UserPatch = Static<typeof UserPatch>;

/** A user as sign-in answers show it. */
export type UserSummary = Pick<User, 'id' | 'email' | 'name' | 'role'>;

export const Login = Type.Object(
  { email: Email, password: Type.String({ minLength: 1, maxLength: 200 }) },
  closed,
);
export type Login = Static<typeof Login>;

export const PasswordChange = Type.Object(
  { currentPassword: Type.String({ minLength: 1, maxLength: 200 }), newPassword: Password },
  closed,
);
export type PasswordChange = Static<typeof PasswordChange>;
