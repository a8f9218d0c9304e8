import Ajv2020 from 'ajv/dist/2020';
import type { Document, Operation } from '../../src/http/docs/openapi.ts';

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
  /** The operation of a request; undefined where none is described. */
  find(method: string, pathname: string): Described | undefined;
  /** What is wrong with an answer by the document; none where it is as described. */
  faults(of: Described, answer: { status: number | 'default'; type: string; text: string }): string[];
}

const escaped = (part: string) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));

export function contractOf(document: Document): Contract {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(document, 'api');
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );

  const variables = ({ path }: Described) => path.split('{').length;
  const matchers = operations
    .toSorted((a, b) => variables(a) - variables(b))
    .map((of) => ({ of, pattern: new RegExp(`^${of.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`) }));

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
    find(method, pathname) {
      return matchers.find((each) => each.of.method === method.toLowerCase() && each.pattern.test(pathname))
        ?.of;
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

/** One process tests one version of the service, so one document will do. */
let contract: Promise<Contract> | undefined;

/** Larger answers differ in their number of rows only. */
const MOST_CHARACTERS = 1_000_000;

/** Throws where the document describes the answer of a request otherwise. Of problems the status may be any. */
export async function checkAnswer(
  { url, token }: { url: string; token: string },
  { method, path }: { method: string; path: string },
  answer: { status: number; type: string; text: string },
): Promise<void> {
  if (answer.text.length > MOST_CHARACTERS) return;
  contract ??= fetch(`${url}/api/openapi.json`, { headers: { authorization: `Bearer ${token}` } })
    .then((response) => response.json())
    .then((document) => contractOf(document as Document));
  const { find, faults } = await contract;
  const of = find(method, new URL(path, url).pathname);
  if (!of) return;
  const isProblem = answer.status >= 400 && !answer.type.startsWith('application/json');
  const found = faults(of, isProblem ? { ...answer, status: 'default' } : answer);
  if (found.length > 0)
    throw new Error(`${method} ${path} answers otherwise than /api/openapi.json says: ${found.join('; ')}`);
}
