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

const unescape = (part: string) => part.replaceAll('~1', '/').replaceAll('~0', '~');

/** A typebox schema as Standard Schema: what Elysia takes for `body`, `query` and `params`. Itself, it stays a JSON schema for OpenAPI. */
export function std<S extends TSchema>(schema: S): S & StandardSchema<Static<S>> {
  const standard: StandardSchema<Static<S>>['~standard'] = {
    version: 1,
    vendor: 'typebox',
    validate(value) {
      const found = issues(schema, value);
      if (found.length === 0) return { value: value as Static<S> };
      return {
        issues: found.map(({ pointer, message }) => ({
          message,
          path: pointer.split('/').slice(1).map(unescape),
        })),
      };
    },
  };
  return Object.assign(Object.create(Object.getPrototypeOf(schema)), schema, { '~standard': standard });
}
