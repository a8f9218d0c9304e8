import Ajv2020 from 'ajv/dist/2020';
import type { Document, Operation } from '../../src/http/docs/openapi.ts';
import { describeApi } from '../../src/http/docs/openapi.ts';
import { everyRoute } from '../docs/every-route.ts';
import { start } from '../http/core-kit.ts';

/** An operation with its place in the document. */
export interface Described {
  method: string;
  path: string;
  operation: Operation;
}

export interface Contract {
  document: Document;
  operations: Described[];
  byId(operationId: string): Described;
  /** What is wrong with an answer by the document; none where it is as described. */
  faults(of: Described, answer: { status: number; type: string; text: string }): string[];
}

/** The document of the whole service, made from its routes. */
export async function describeService(version = 'test'): Promise<Document> {
  await using server = await start({}, { routes: await everyRoute() });
  return describeApi(server.elysia, version);
}

const escaped = (part: string) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));

export function contractOf(document: Document): Contract {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(document, 'api');
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );

  /** The place of a response in the document, behind its reference. */
  function placeOf({ method, path, operation }: Described, status: string): string {
    const { $ref } = operation.responses[status] as { $ref?: string };
    return $ref ?? `#/paths/${escaped(path)}/${method}/responses/${status}`;
  }

  function contentOf(place: string): Record<string, object> | undefined {
    const parts = place.slice(2).split('/');
    const found = parts.reduce<unknown>(
      (node, part) =>
        (node as Record<string, unknown>)[
          decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
        ],
      document,
    );
    return (found as { content?: Record<string, object> }).content;
  }

  return {
    document,
    operations,
    byId(operationId) {
      const found = operations.find(({ operation }) => operation.operationId === operationId);
      if (!found) throw new Error(`the document has no operation ${operationId}`);
      return found;
    },
    faults(of, { status, type, text }) {
      if (!of.operation.responses[status])
        return [`status ${status} is not documented: ${text.slice(0, 500)}`];
      const place = placeOf(of, String(status));
      const content = contentOf(place);
      if (!content) return text === '' ? [] : [`a body that is not documented: ${text.slice(0, 200)}`];
      const [mediaType = ''] = type.split(';');
      if (!content[mediaType]) return [`content type ${type} is not among ${Object.keys(content)}`];
      if (!/json$/.test(mediaType) || mediaType.endsWith('x-ndjson')) return [];
      const check = ajv.compile({ $ref: `api${place}/content/${escaped(mediaType)}/schema` });
      if (check(JSON.parse(text))) return [];
      return (check.errors ?? []).map(
        ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
      );
    },
  };
}
