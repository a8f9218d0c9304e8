/** On whose behalf something is done, for the audit log. `actor` is a user's id, or `cli`. */
export interface Caller {
  actor: string | null;
  address: string | null;
  requestId: string | null;
}

/** What the service did of itself. */
export const SYSTEM: Caller = { actor: 'system', address: null, requestId: null };

/** `action` is a stable dotted name, such as `user.create`; `target` the id of what it was done to. */
export interface AuditEvent {
  action: string;
  target?: string | null;
  detail?: Readonly<Record<string, unknown>>;
}

export interface NewAuditEntry extends Caller {
  at: string;
  action: string;
  target: string | null;
  detail: Readonly<Record<string, unknown>>;
}

export interface AuditEntry extends NewAuditEntry {
  id: number;
}

export interface AuditFilter {
  action?: string | undefined;
  actor?: string | undefined;
  /** ISO time in UTC, inside. */
  from?: string | undefined;
  /** ISO time in UTC, outside. */
  to?: string | undefined;
}
