import { ApiKey } from '../../../domain/api-key.ts';
import { User } from '../../../domain/user.ts';
import { IssuedApiKey, Me, Session, SignedIn } from '../answers/identity.ts';
import { created, done, type OperationDocs, ok, page } from '../operation.ts';

const COOKIES = { 'set-cookie': 'The cookies of the session, for browsers' };
const PASSWORD = 'correct horse battery';

const AUTH: OperationDocs = {
  'POST /auth/login': {
    id: 'signIn',
    description:
      'Gives a token, and sets cookies for browsers. After failed attempts the next ones wait (429 with Retry-After).',
    answers: { 200: { ...ok(SignedIn)[200], headers: COOKIES } },
    codes: ['auth.invalid', 'auth.throttled'],
    bodies: { admin: { email: 'admin@example.com', password: PASSWORD } },
  },
  'POST /auth/refresh': {
    id: 'refreshSession',
    description:
      'A new token for a valid one, or for the refresh cookie, which is good once and needs the CSRF token.',
    answers: { 200: { ...ok(Session)[200], headers: COOKIES } },
    codes: ['auth.required', 'auth.invalid', 'request.csrf'],
  },
  'POST /auth/logout': {
    id: 'signOut',
    description: 'Ends the session at once and clears its cookies. API keys are revoked instead.',
    answers: done,
  },
  'POST /auth/change-password': {
    id: 'changePassword',
    description: 'Needs the current password. All other sessions of the user end.',
    answers: done,
    codes: ['auth.throttled'],
    bodies: { new: { currentPassword: PASSWORD, newPassword: 'a longer phrase of words' } },
  },
  'GET /auth/me': {
    id: 'getMe',
    description: 'The user, how the request was signed in, and its rights.',
    answers: ok(Me),
  },
};

const USERS: OperationDocs = {
  'GET /users': {
    id: 'listUsers',
    description: 'In order of creation.',
    answers: page(User),
    query: { limit: 10 },
  },
  'POST /users': {
    id: 'createUser',
    description:
      'Roles: `viewer` reads, `editor` also writes datasets and saved work, `admin` also administers.',
    answers: created(User),
    codes: ['resource.conflict'],
    bodies: {
      editor: { email: 'ada@example.com', name: 'Ada', role: 'editor', password: 'ten or more characters' },
    },
    links: { getUser: 'id', updateUser: 'id', deleteUser: 'id' },
  },
  'GET /users/:id': { id: 'getUser', description: 'By its id.', answers: ok(User) },
  'PATCH /users/:id': {
    id: 'updateUser',
    description:
      'Fields that are not given stay. A new password, or `disabled`, ends all sessions of the user. The last admin can be neither disabled nor demoted.',
    answers: ok(User),
    codes: ['resource.conflict'],
    bodies: { demote: { role: 'viewer' } },
  },
  'DELETE /users/:id': {
    id: 'deleteUser',
    description: 'Ends its sessions and revokes its API keys. The last admin cannot be removed.',
    answers: done,
    codes: ['resource.conflict'],
  },
};

const API_KEYS: OperationDocs = {
  'GET /api-keys': {
    id: 'listApiKeys',
    description: "The caller's own; with `all=true` those of all users, for admins.",
    answers: page(ApiKey),
  },
  'POST /api-keys': {
    id: 'createApiKey',
    description: 'Its rights are at most those of the caller. Without `expiresAt` it does not expire.',
    answers: created(IssuedApiKey),
    bodies: { reader: { name: 'nightly report', scopes: ['read'] } },
    links: { getApiKey: 'id', updateApiKey: 'id', revokeApiKey: 'id' },
  },
  'GET /api-keys/:id': {
    id: 'getApiKey',
    description: 'Without the key itself. Keys of others are for admins.',
    answers: ok(ApiKey),
  },
  'PATCH /api-keys/:id': {
    id: 'updateApiKey',
    description: 'Only the name can be changed.',
    answers: ok(ApiKey),
    bodies: { rename: { name: 'weekly report' } },
  },
  'DELETE /api-keys/:id': {
    id: 'revokeApiKey',
    description: 'The key is refused from now on; it stays in the list as revoked.',
    answers: done,
  },
};

export const IDENTITY: OperationDocs = { ...AUTH, ...USERS, ...API_KEYS };
