import { COOKIES } from '../../services/cookies.ts';
import type { Access } from '../access.ts';
import type { Json } from './components.ts';

export const SECURITY_SCHEMES: Json = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'The token of POST /api/auth/login, or an API key',
  },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'An API key' },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: COOKIES.session,
    description: 'Set by POST /api/auth/login. A change by cookie needs the CSRF token too',
  },
  refreshCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: COOKIES.refresh,
    description: 'Set by POST /api/auth/login; good once',
  },
  csrf: {
    type: 'apiKey',
    in: 'header',
    name: 'X-CSRF-Token',
    description: `The value of the cookie ${COOKIES.csrf}`,
  },
  metricsToken: { type: 'http', scheme: 'bearer', description: 'The setting METRICS_TOKEN' },
};

const SIGNED_IN = [{ bearer: [] }, { apiKey: [] }];
const NONE = {};

/** The ways to be let in; any one of them will do. */
export function securityOf(endpoint: string, access: Access, isChange: boolean): Json[] {
  if (endpoint === 'POST /auth/refresh') return [{ bearer: [] }, { refreshCookie: [], csrf: [] }];
  if (access === 'open') return [];
  const signedIn = [...SIGNED_IN, isChange ? { cookie: [], csrf: [] } : { cookie: [] }];
  if (access === 'partlyOpen') return [NONE, ...signedIn];
  if (access === 'metrics') return [{ metricsToken: [] }, ...signedIn, NONE];
  return signedIn;
}
