import Type, { type TSchema } from 'typebox';
import { ColumnType } from '../../../domain/column.ts';

export const closed = { additionalProperties: false } as const;

export const orNull = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
export const Time = Type.String({ description: 'ISO 8601, in UTC' });
export const Count = Type.Integer({ minimum: 0 });
export const Texts = Type.Array(Type.String());
export const TextOrNull = orNull(Type.String());
export const TimeOrNull = orNull(Time);
export const AnyObject = Type.Record(Type.String(), Type.Unknown());

/** One page of a list. */
export const pageOf = <S extends TSchema>(item: S) =>
  Type.Object(
    {
      items: Type.Array(item),
      nextCursor: orNull(
        Type.String({ description: 'The parameter `cursor` of the next page; null on the last' }),
      ),
    },
    closed,
  );

export const Cell = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()], {
  description:
    'A value. Decimals, and integers beyond 2^53, are text unless `numbers` is `float`; times are ISO text without a zone, instants with their offset',
});

export const Rows = Type.Array(Type.Array(Cell), {
  description: 'One list of values a row, in the order of `columns`',
});

/** A column of an answer. */
export const AnswerColumn = Type.Object(
  {
    name: Type.String(),
    type: ColumnType,
    label: Type.String({ description: 'For people; the name where a model says no other' }),
    format: Type.Optional(Type.String({ description: 'How a model wants it shown, such as `#,##0.00`' })),
  },
  closed,
);
