import type { TProperties } from 'typebox';

const BINARY = { type: 'string', format: 'binary' } as const;

/** The request body of an upload: a form with the file and its options, or the file itself with the options in the query string. */
export function uploadBody(properties: TProperties) {
  const json = { contentType: 'application/json' };
  return {
    required: true,
    description: 'A form, or the file itself with the options as query parameters',
    content: {
      'multipart/form-data': {
        schema: {
          type: 'object' as const,
          required: ['file'],
          properties: { file: BINARY, ...properties } as Record<string, { description?: string }>,
        },
        encoding: { nullValues: json, types: json },
      },
      'text/csv': { schema: BINARY },
    },
  };
}
