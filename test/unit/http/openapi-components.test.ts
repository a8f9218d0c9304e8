import { expect, test } from 'bun:test';
import Type from 'typebox';
import { Dataset } from '../../../src/domain/dataset.ts';
import { Filter } from '../../../src/domain/filter.ts';
import { Components } from '../../../src/http/docs/components.ts';
import { std } from '../../../src/http/validate.ts';

const plain = (schema: object) => new Components().json(schema);

test('fields may be called like keywords', () => {
  const fields = ['items', 'enum', 'anyOf', 'properties', 'type', '$ref', 'const', 'patternProperties'];
  const schema = Type.Object(Object.fromEntries(fields.map((name) => [name, Type.String()])));
  expect(plain(schema)).toEqual({
    type: 'object',
    required: fields,
    properties: Object.fromEntries(fields.map((name) => [name, { type: 'string' }])),
  });
});

test('tuples, texts of a list and records are spelled as JSON Schema 2020-12 has them', () => {
  expect(plain(Type.Tuple([Type.String(), Type.Number()]))).toMatchObject({
    prefixItems: [{ type: 'string' }, { type: 'number' }],
    items: false,
  });
  expect(plain(Type.Enum(['a', 'b']))).toEqual({ type: 'string', enum: ['a', 'b'] });
  expect(plain(Type.Record(Type.String(), Type.Integer()))).toEqual({
    type: 'object',
    additionalProperties: { type: 'integer' },
  });
});

test('a default and a constant stay values', () => {
  const schema = Type.Object({ a: Type.Optional(Type.Unknown({ default: { type: 'x', $id: 'y' } })) });
  expect(plain(schema)).toMatchObject({ properties: { a: { default: { type: 'x', $id: 'y' } } } });
});

test('a named schema is one component, however it is wrapped; a page is named after its items', () => {
  const components = new Components();
  const reference = { $ref: '#/components/schemas/Dataset' };
  expect(components.json(Dataset)).toEqual(reference);
  expect(components.json(std(Dataset))).toEqual(reference);
  expect(components.json(Type.Object({ one: Type.Optional(Dataset) }))).toMatchObject({
    properties: { one: reference },
  });
  const page = Type.Object({ items: Type.Array(Dataset), nextCursor: Type.String() });
  expect(components.json(page)).toEqual({ $ref: '#/components/schemas/DatasetPage' });
  expect(Object.keys(components.schemas)).toEqual(
    expect.arrayContaining(['Dataset', 'DatasetPage', 'Column']),
  );
});

test('a schema that holds itself refers to its component', () => {
  const components = new Components();
  expect(components.json(Filter)).toEqual({ $ref: '#/components/schemas/Filter' });
  expect(JSON.stringify(components.schemas.Filter)).toContain('"#/components/schemas/Filter"');
  expect(JSON.stringify(components.schemas)).not.toMatch(/\$defs|\$id|~/);
});
