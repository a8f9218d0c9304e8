import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { AuditEntry, AuditEvent, AuditFilter, Caller } from '../domain/audit.ts';
import type { Nouns } from '../store/store.ts';

const DAY_MS = 86_400_000;
const SECRET_NAME = /passw|secret|token|cookie|csrf|authorization|dsn|^key$|(?:api|private|access)_?key$/i;
const MAX_TEXT = 500;
const MAX_DEPTH = 6;

/** A detail as it may be kept: nothing under a name that tells of a secret, no long text, no deep nesting. */
function harmless(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return '…';
  if (Array.isArray(value)) return value.map((item) => harmless(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !SECRET_NAME.test(name))
      .map(([name, item]) => [name, harmless(item, depth + 1)]),
  );
}

function utc(text: string | undefined, at: string): string | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2}))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(ms))
    throw new AppError('request.invalid', `${at} must be a date or a time with its zone, in ISO 8601`, {
      pointer: at,
      params: { in: 'query' },
    });
  return iso(ms);
}

/** Who did what, from where. Passwords and keys never get in. */
export class Audit {
  constructor(
    readonly store: Pick<Nouns, 'audit'>,
    readonly clock: Clock,
  ) {}

  /** The same log, written in a transaction of the store: the entry is there exactly when the change is. */
  within(nouns: Pick<Nouns, 'audit'>): Audit {
    return new Audit(nouns, this.clock);
  }

  async record({ action, target = null, detail = {} }: AuditEvent, caller: Caller): Promise<void> {
    await this.store.audit.add({
      at: iso(this.clock.now()),
      actor: caller.actor,
      address: caller.address,
      requestId: caller.requestId,
      action,
      target,
      detail: harmless(detail) as Record<string, unknown>,
    });
  }

  /** The newest first. Times may be dates or have a zone. Throws AppError `request.invalid`. */
  list(filter: AuditFilter, limit: number, before?: number): Promise<AuditEntry[]> {
    const { from, to } = filter;
    return this.store.audit.list({ ...filter, from: utc(from, '/from'), to: utc(to, '/to') }, limit, before);
  }

  /** Removes what is older than so many days; gives how much that was. */
  prune(days: number): Promise<number> {
    return this.store.audit.removeBefore(iso(this.clock.now() - days * DAY_MS));
  }
}
