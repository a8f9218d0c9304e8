import type { AuditEntry, AuditFilter, NewAuditEntry } from '../domain/audit.ts';
import type { Db } from './database.ts';

/** The log of who did what; entries are added and, when they are old, removed, never changed. */
export function auditStore(db: Db) {
  return {
    async add(entry: NewAuditEntry): Promise<void> {
      await db
        .insertInto('audit')
        .values({
          at: entry.at,
          actor: entry.actor,
          action: entry.action,
          target: entry.target,
          address: entry.address,
          request_id: entry.requestId,
          detail: JSON.stringify(entry.detail),
        })
        .execute();
    },

    /** The newest first, those older than the entry `before`; `from` is inside, `to` is not. */
    async list(filter: AuditFilter, limit: number, before?: number): Promise<AuditEntry[]> {
      let query = db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit);
      if (before !== undefined) query = query.where('id', '<', before);
      if (filter.action !== undefined) query = query.where('action', '=', filter.action);
      if (filter.actor !== undefined) query = query.where('actor', '=', filter.actor);
      if (filter.from !== undefined) query = query.where('at', '>=', filter.from);
      if (filter.to !== undefined) query = query.where('at', '<', filter.to);
      return (await query.execute()).map((row) => ({
        id: row.id,
        at: row.at,
        actor: row.actor,
        action: row.action,
        target: row.target,
        address: row.address,
        requestId: row.request_id,
        detail: JSON.parse(row.detail) as Record<string, unknown>,
      }));
    },

    /** How many were removed. */
    async removeBefore(at: string): Promise<number> {
      const result = await db.deleteFrom('audit').where('at', '<', at).executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}

export type AuditStore = ReturnType<typeof auditStore>;
