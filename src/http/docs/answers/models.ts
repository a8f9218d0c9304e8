import Type from 'typebox';
import { Column } from '../../../domain/column.ts';
import { ModelDefinition, ModelDimension, ModelMeasure } from '../../../domain/model.ts';
import { Name } from '../../../domain/name.ts';
import { AnswerColumn, Count, closed, Rows, Texts, Time } from './parts.ts';

export const Model = Type.Object(
  {
    id: Type.String(),
    name: Name,
    description: Type.String(),
    version: Type.Integer({ description: 'Grows with every change of the definition' }),
    ...ModelDefinition.properties,
    createdAt: Time,
    updatedAt: Time,
  },
  closed,
);

const DESCRIBED = {
  ...Column.properties,
  label: Type.String(),
  description: Type.Optional(Type.String()),
  format: Type.Optional(Type.String()),
  synonyms: Type.Optional(Texts),
};

export const ModelFields = Type.Object(
  {
    columns: Type.Array(
      Type.Object(
        {
          ...DESCRIBED,
          join: Type.Optional(Type.String({ description: 'The join that it comes from' })),
          computed: Type.Optional(Type.Literal(true)),
        },
        closed,
      ),
    ),
    dimensions: Type.Array(
      Type.Object(
        { ...DESCRIBED, grain: ModelDimension.properties.grain, hidden: ModelDimension.properties.hidden },
        closed,
      ),
    ),
    measures: Type.Array(
      Type.Object(
        { ...DESCRIBED, agg: ModelMeasure.properties.agg, hidden: ModelMeasure.properties.hidden },
        closed,
      ),
    ),
    primaryKey: Type.Optional(Texts),
  },
  closed,
);

export const ModelPreview = Type.Object(
  {
    columns: Type.Array(AnswerColumn),
    rows: Rows,
    fields: ModelFields,
    meta: Type.Object({ requestId: Type.String(), rowCount: Count }, closed),
  },
  closed,
);
