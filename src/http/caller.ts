import type { Caller } from '../domain/audit.ts';
import { contextOf } from './context.ts';

/** On whose behalf a request acts, for the audit log. */
export function callerOf(request: Request): Caller & { address: string } {
  const { principal, address, requestId } = contextOf(request);
  return { actor: principal?.userId ?? null, address, requestId };
}
