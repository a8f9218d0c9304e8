import type { Components, Json } from './components.ts';
import type { OperationDoc } from './operation.ts';

interface Usual {
  description: string;
  example?: string;
}

/** Parameters of paths, by name. */
const IN_PATH: Readonly<Record<string, Usual>> = {
  calendar: { description: 'Id or name of the calendar', example: 'Italy' },
  dataset: { description: 'Id or name of the dataset', example: 'orders' },
  datasource: { description: 'Id or name of the datasource', example: 'shop' },
  generation: { description: 'Number of the generation, from 1' },
  id: { description: 'The id, as the list shows it' },
  model: { description: 'Id or name of the model', example: 'order model' },
  requestId: { description: 'The `requestId` that the query was given, or was answered with' },
  run: { description: 'Id of the run' },
  schedule: { description: 'Id or name of the schedule', example: 'customers every night' },
  secret: { description: 'Id or name of the secret', example: 'crm token' },
  table: { description: 'Name of the table; its schema goes into `schema`' },
  task: { description: 'Id or name of the sync task', example: 'customers nightly' },
};

/** Query parameters whose schema has no description. */
const IN_QUERY: Readonly<Record<string, string>> = {
  action: 'Only entries of this action, such as `user.create`',
  actor: 'Only entries of this user, by id; or `cli`, `system`',
  all: 'Those of all users, for admins',
  format: 'In place of the header Accept. Those of x-not-built answer 501 `query.not_built`',
  from: 'ISO time from which on, inside',
  kind: 'Only runs of this kind, such as `sync`',
  limit: 'The most that is returned',
  offset: 'How many rows are passed over',
  schema: 'The schema; else that of the datasource',
  shape: 'How the JSON is laid out; the first one by default',
  state: 'Only runs in this state',
  subject: 'Only runs about this, such as a sync task, by id',
  to: 'ISO time up to which, outside',
};

interface ObjectSchema {
  properties?: Readonly<Record<string, object>>;
  required?: readonly string[];
}

/** The parameters of an operation, from the schemas of its route. */
export function parametersOf(
  hooks: { params?: unknown; query?: unknown },
  doc: Pick<OperationDoc, 'path' | 'query'>,
  components: Components,
): Json[] {
  const path = (hooks.params ?? {}) as ObjectSchema;
  const query = (hooks.query ?? {}) as ObjectSchema;
  const inPath = Object.entries(path.properties ?? {}).map(([name, schema]) => {
    const usual = IN_PATH[name];
    const example = doc.path?.[name] ?? usual?.example;
    return {
      ...{ name, in: 'path', required: true },
      ...(usual ? { description: usual.description } : {}),
      ...(example === undefined ? {} : { example }),
      schema: components.inline(schema),
    };
  });
  const inQuery = Object.entries(query.properties ?? {}).map(([name, schema]) => {
    const { description = IN_QUERY[name], ...plain } = components.inline(schema);
    const example = doc.query?.[name];
    return {
      ...{ name, in: 'query', required: query.required?.includes(name) ?? false },
      ...(description === undefined ? {} : { description }),
      ...(example === undefined ? {} : { example }),
      schema: plain,
    };
  });
  return [...inPath, ...inQuery];
}
