import type { Contract, Described } from './openapi.ts';

/** A request as the document's examples spell it. */
export interface ExampleRequest {
  of: Described;
  /** The name of its body among the examples. */
  name: string;
  path: string;
  headers: Record<string, string>;
  body?: string | FormData | undefined;
}

interface Parameter {
  name: string;
  in: 'path' | 'query';
  example?: unknown;
}

type Examples = Record<string, { value: unknown }>;

/** Ids that earlier answers gave, by the operation that takes them and the parameter. */
export class Links {
  readonly #ids = new Map<string, string>();

  /** Keeps what the links of an answer lead to. */
  follow({ operation }: Described, status: number, answer: unknown): void {
    const { links = {} } = operation.responses[status] as {
      links?: Record<string, { operationId: string; parameters: Record<string, string> }>;
    };
    for (const { operationId, parameters } of Object.values(links))
      for (const [name, expression] of Object.entries(parameters)) {
        const field = /^\$response\.body#\/(\w+)$/.exec(expression)?.[1];
        if (field === undefined) throw new Error(`${operation.operationId} has a link that is no field`);
        this.set(operationId, name, String((answer as Record<string, unknown>)[field]));
      }
  }

  set(operationId: string, parameter: string, id: string): void {
    this.#ids.set(`${operationId} ${parameter}`, id);
  }

  get(operationId: string, parameter: string): string | undefined {
    return this.#ids.get(`${operationId} ${parameter}`);
  }
}

function formOf(value: object): FormData {
  const form = new FormData();
  for (const [name, part] of Object.entries(value)) {
    if (name === 'file') form.append('file', new Blob([part], { type: 'text/csv' }), 'example.csv');
    else form.append(name, typeof part === 'string' ? part : JSON.stringify(part));
  }
  return form;
}

function pathOf({ path, operation }: Described, links: Links): string {
  const parameters = (operation.parameters ?? []) as unknown as Parameter[];
  const filled = parameters
    .filter((each) => each.in === 'path')
    .reduce((text, { name, example }) => {
      const value = links.get(operation.operationId, name) ?? example;
      if (value === undefined)
        throw new Error(`${operation.operationId}: ${name} has neither an example nor a link`);
      return text.replace(`{${name}}`, encodeURIComponent(String(value)));
    }, path);
  const query = new URLSearchParams(
    parameters
      .filter((each) => each.in === 'query' && each.example !== undefined)
      .map(({ name, example }): [string, string] => [name, String(example)]),
  );
  return query.size > 0 ? `${filled}?${query}` : filled;
}

/** The requests of an operation: one for each example body, or one without a body. */
export function exampleRequests(
  of: Described,
  links: Links,
  change: (body: unknown) => unknown,
): ExampleRequest[] {
  const path = pathOf(of, links);
  const content = ((of.operation.requestBody as { content?: object })?.content ?? {}) as Record<
    string,
    { examples?: Examples }
  >;
  const requests = Object.entries(content).flatMap(([type, { examples = {} }]) =>
    Object.entries(examples).map(([name, { value }]): ExampleRequest => {
      if (type === 'multipart/form-data')
        return { of, name, path, headers: {}, body: formOf(value as object) };
      const body = typeof value === 'string' ? value : JSON.stringify(change(value));
      return { of, name, path, headers: { 'content-type': type }, body };
    }),
  );
  return requests.length > 0 ? requests : [{ of, name: '', path, headers: {} }];
}

/** Last of all, for the session ends. */
const LAST = ['changePassword', 'signOut'];

/** What makes things first, then what looks at them, then what removes them, the latest first. */
export function inOrder({ operations }: Contract): Described[] {
  const isMaking = ({ method, operation }: Described) =>
    method === 'post' && ['201', '202'].some((status) => operation.responses[status]);
  const isLast = ({ operation }: Described) => LAST.includes(operation.operationId);
  const others = operations.filter((each) => !isLast(each));
  return [
    ...others.filter(isMaking),
    ...others.filter((each) => !isMaking(each) && each.method !== 'delete'),
    ...others.filter(({ method }) => method === 'delete').reverse(),
    ...LAST.flatMap((id) => operations.filter(({ operation }) => operation.operationId === id)),
  ];
}
