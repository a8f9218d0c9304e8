import { RAW_MEDIA_TYPES, UPLOAD_OPTIONS, uploadFields } from '../upload-body.ts';
import type { Components, Json } from './components.ts';
import { JSON_TYPE, type OperationDoc } from './operation.ts';

interface Body {
  requestBody?: Json;
  parameters: Json[];
}

const FORM = 'multipart/form-data';
const FILE = { type: 'string', format: 'binary' };

const examplesOf = (bodies: Readonly<Record<string, unknown>>) => ({
  examples: Object.fromEntries(Object.entries(bodies).map(([name, value]) => [name, { value }])),
});

/** What an operation takes: JSON, or an upload as a form or as the file itself. */
export function bodyOf(body: unknown, doc: OperationDoc, components: Components): Body {
  if (doc.upload) return uploadBody(doc.upload, doc, components);
  if (!body) return { parameters: [] };
  const isOptional = '~mayBeLeftOut' in (body as object);
  const content = { schema: components.json(body), ...(doc.bodies ? examplesOf(doc.bodies) : {}) };
  return { requestBody: { required: !isOptional, content: { [JSON_TYPE]: content } }, parameters: [] };
}

function uploadBody(kind: 'dataset' | 'generation', { bodies }: OperationDoc, components: Components): Body {
  const properties = uploadFields(kind);
  const plain = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, components.inline(schema)]),
  );
  const encoding = Object.fromEntries(
    Object.keys(plain)
      .filter((name) => UPLOAD_OPTIONS.structured.has(name))
      .map((name) => [name, { contentType: JSON_TYPE }]),
  );
  const { form, raw } = bodies ?? {};
  return {
    requestBody: {
      required: true,
      description:
        'A form with the file, or the file itself as the body; then the options go into the query string. Files may be compressed by gzip, bzip2, xz, zstd or zip.',
      content: {
        [FORM]: {
          schema: {
            type: 'object',
            required: kind === 'dataset' ? ['name', 'file'] : ['file'],
            additionalProperties: false,
            properties: { ...plain, file: FILE },
          },
          encoding,
          ...(form ? examplesOf({ form }) : {}),
        },
        ...Object.fromEntries(
          RAW_MEDIA_TYPES.map((type) => [
            type,
            { schema: FILE, ...(raw && type === 'text/csv' ? examplesOf({ raw }) : {}) },
          ]),
        ),
      },
    },
    parameters: Object.entries(plain).map(([name, schema]) => queryOption(name, schema)),
  };
}

/** An option of an upload whose body is the file itself. */
function queryOption(name: string, { description, ...schema }: Json): Json {
  const base = {
    ...{ name, in: 'query', required: false },
    description: `${String(description)}. Only where the body is the file itself`,
  };
  return UPLOAD_OPTIONS.structured.has(name)
    ? { ...base, content: { [JSON_TYPE]: { schema } } }
    : { ...base, schema };
}
