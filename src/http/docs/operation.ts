import Type, { type TSchema } from 'typebox';
import type { Code } from '../../base/errors.ts';
import { pageOf } from './answers/parts.ts';

type Schema = TSchema | Readonly<Record<string, unknown>>;

/** A successful response: its content by media type, and the headers that it has besides the usual ones. */
export interface Answer {
  description: string;
  content?: Readonly<Record<string, Schema>>;
  headers?: Readonly<Record<string, string>>;
}

/** What the document says of an operation beyond what its route declares. */
export interface OperationDoc {
  /** The operationId: the name of the call in generated clients. */
  id: string;
  description: string;
  answers: Readonly<Record<number, Answer>>;
  /** Problems besides those of every operation of its kind. */
  codes?: readonly Code[];
  /** Request bodies that can be sent as they are, by name. */
  bodies?: Readonly<Record<string, unknown>>;
  /** The body is a file with options: of a new dataset, or of a new generation. */
  upload?: 'dataset' | 'generation';
  /** Values of path parameters, where they differ from the usual ones. */
  path?: Readonly<Record<string, string>>;
  /** Values of query parameters. */
  query?: Readonly<Record<string, string | number | boolean>>;
  /** Operations that take the `id` of the answer, with the parameter that they take it in. */
  links?: Readonly<Record<string, string>>;
}

/** By endpoint, such as `GET /datasets/:dataset`; without `/api`. */
export type OperationDocs = Readonly<Record<string, OperationDoc>>;

export const JSON_TYPE = 'application/json';

export const json = (schema: Schema, description = 'The answer'): Answer => ({
  description,
  content: { [JSON_TYPE]: schema },
});

export const ok = (schema: Schema, description?: string) => ({ 200: json(schema, description) });

export const page = (item: TSchema, description = 'One page of the list') => ({
  200: json(pageOf(item), description),
});

/** A list that has one page. */
export const list = (item: TSchema) => ({ 200: json(pageOf(item), 'The whole list') });

const LOCATION = { location: 'The path of what was made' };

export const created = (schema: Schema) => ({ 201: { ...json(schema, 'It was made'), headers: LOCATION } });

export const accepted = (schema: Schema) => ({
  202: { ...json(schema, 'The run is queued'), headers: { location: 'The path of the run' } },
});

export const done = { 204: { description: 'Done' } };

export const text = (type: string, description: string): Answer => ({
  description,
  content: { [type]: Type.String() },
});
