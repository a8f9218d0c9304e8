import Type, { type Static } from 'typebox';
import { Scalar } from './filter.ts';
import { FieldName } from './name.ts';

const closed = { additionalProperties: false } as const;

/** Values of the parameters `:name` of a statement. */
export const SqlParams = Type.Record(Type.String({ minLength: 1, maxLength: 100 }), Scalar);
export type SqlParams = Static<typeof SqlParams>;

/** One SELECT of the caller's own, in the datasource's dialect; without a datasource over datasets, which it names as tables. */
export const SqlQuery = Type.Object(
  {
    datasource: Type.Optional(FieldName),
    sql: Type.String({ minLength: 1, maxLength: 1_000_000 }),
    params: Type.Optional(SqlParams),
    limit: Type.Optional(Type.Integer({ minimum: 0 })),
    timezone: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    numbers: Type.Optional(Type.Enum(['exact', 'float'])),
    requestId: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_.:-]{1,100}$' })),
    timeoutS: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  },
  closed,
);
export type SqlQuery = Static<typeof SqlQuery>;
