import type { Static, TSchema } from 'typebox';
import { issues } from '../domain/schema.ts';

interface StandardSchema<Output> {
  '~standard': {
    version: 1;
    vendor: 'typebox';
    validate(value: unknown): { value: Output } | { issues: { message: string; path: string[] }[] };
    types?: { input: Output; output: Output };
  };
}

const plain = (part: string) => part.replaceAll('~1', '/').replaceAll('~0', '~');

function standardOf<S extends TSchema>(
  schema: S,
  prepare: (value: unknown) => unknown,
): S & StandardSchema<Static<S>> {
  const standard: StandardSchema<Static<S>>['~standard'] = {
    version: 1,
    vendor: 'typebox',
    validate(given) {
      const value = prepare(given);
      const found = issues(schema, value);
      if (found.length === 0) return { value: value as Static<S> };
      return {
        issues: found.map(({ pointer, message }) => ({
          message,
          path: pointer.split('/').slice(1).map(plain),
        })),
      };
    },
  };
  return Object.assign(Object.create(Object.getPrototypeOf(schema)), schema, { '~standard': standard });
}

/** A typebox schema as Standard Schema: what Elysia takes for `body`, `query` and `params`. Itself, it stays a JSON schema for OpenAPI. */
export function std<S extends TSchema>(schema: S): S & StandardSchema<Static<S>> {
  return standardOf(schema, (value) => value);
}

/** As `std`, for a body that may be left out: it is `{}` then. */
export function stdOptional<S extends TSchema>(schema: S): S & StandardSchema<Static<S>> {
  return Object.assign(
    standardOf(schema, (value) => value ?? {}),
    { '~mayBeLeftOut': true },
  );
}

const NUMBER = /^-?\d+(?:\.\d+)?$/;
const BOOLEANS: Record<string, boolean> = { true: true, false: false, '1': true, '0': false };

function fromText(type: unknown, text: unknown): unknown {
  if (type === 'array') return Array.isArray(text) ? text : [text];
  if (typeof text !== 'string') return text;
  if ((type === 'integer' || type === 'number') && NUMBER.test(text)) return Number(text);
  if (type === 'boolean' && Object.hasOwn(BOOLEANS, text)) return BOOLEANS[text];
  return text;
}

/** As `std`, for an object of query parameters: texts become the numbers, booleans and lists that the schema asks for. */
export function stdQuery<S extends TSchema>(schema: S): S & StandardSchema<Static<S>> {
  const { properties = {} } = schema as { properties?: Record<string, { type?: unknown }> };
  return standardOf(schema, (query) =>
    Object.fromEntries(
      Object.entries(query as Record<string, unknown>).map(([name, text]) => [
        name,
        fromText(Object.hasOwn(properties, name) ? properties[name]?.type : undefined, text),
      ]),
    ),
  );
}
