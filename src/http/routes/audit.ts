import { Elysia } from 'elysia';
import Type from 'typebox';
import type { AuditEntry } from '../../domain/audit.ts';
import type { Audit } from '../../services/audit.ts';
import { requireScope } from '../context.ts';
import { PageQuery, pageOf } from '../page.ts';
import { stdQuery } from '../validate.ts';

export interface AuditDeps {
  audit: Audit;
}

const Term = Type.Optional(Type.String({ minLength: 1, maxLength: 200 }));
const ListQuery = Type.Object(
  { ...PageQuery, action: Term, actor: Term, from: Term, to: Term },
  { additionalProperties: false },
);

/** The audit log, for admins. */
export function auditRoutes({ audit }: AuditDeps) {
  return new Elysia().get(
    '/admin/audit',
    ({ request, query }) => {
      requireScope(request, 'admin');
      const { limit, cursor, ...filter } = query;
      const page = { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
      return pageOf(
        page,
        /^\d{1,15}$/,
        ({ id }: AuditEntry) => String(id),
        (count, before) => audit.list(filter, count, before === undefined ? undefined : Number(before)),
      );
    },
    {
      query: stdQuery(ListQuery),
      detail: { summary: 'Who did what, the newest first; `from` is inside, `to` is not', tags: ['admin'] },
    },
  );
}
