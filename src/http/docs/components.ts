import * as aiSettings from '../../domain/ai.ts';
import * as aiQuery from '../../domain/ai-query.ts';
import * as apiKey from '../../domain/api-key.ts';
import * as backup from '../../domain/backup.ts';
import * as calendar from '../../domain/calendar.ts';
import * as column from '../../domain/column.ts';
import * as dataset from '../../domain/dataset.ts';
import * as datasource from '../../domain/datasource.ts';
import * as filter from '../../domain/filter.ts';
import * as httpSource from '../../domain/http-source.ts';
import * as model from '../../domain/model.ts';
import * as pivotSpec from '../../domain/pivot-spec.ts';
import * as querySpec from '../../domain/query-spec.ts';
import * as schedule from '../../domain/schedule.ts';
import * as secret from '../../domain/secret.ts';
import * as sqlQuery from '../../domain/sql-query.ts';
import * as syncTask from '../../domain/sync-task.ts';
import * as time from '../../domain/time.ts';
import * as upload from '../../domain/upload.ts';
import * as user from '../../domain/user.ts';
import * as aiAnswers from './answers/ai.ts';
import * as datasetAnswers from './answers/datasets.ts';
import * as datasourceAnswers from './answers/datasources.ts';
import * as identityAnswers from './answers/identity.ts';
import * as jobAnswers from './answers/jobs.ts';
import * as modelAnswers from './answers/models.ts';
import { AnswerColumn, Cell } from './answers/parts.ts';
import * as queryAnswers from './answers/queries.ts';
import * as serviceAnswers from './answers/service.ts';

export type Json = Record<string, unknown>;

const MODULES: readonly object[] = [
  ...[aiQuery, aiSettings, apiKey, backup, calendar, column, dataset, datasource, filter, httpSource, model],
  ...[pivotSpec, querySpec, schedule, secret, sqlQuery, syncTask, time, upload, user],
  ...[aiAnswers, datasetAnswers, datasourceAnswers, identityAnswers, jobAnswers, modelAnswers],
  ...[queryAnswers, serviceAnswers, { AnswerColumn, Cell }],
];

/** What stays the same object where a schema is copied, such as to make it optional; undefined for schemas that are too small for a name. */
function coreOf(schema: unknown): object | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  const { properties, anyOf } = schema as { properties?: object; anyOf?: object };
  return properties && Object.keys(properties).length > 0 ? properties : anyOf;
}

/** Keywords that hold schemas by names, and those that hold values: neither is a schema itself. */
const OF_SCHEMAS = new Set(['properties', 'patternProperties']);
const OF_VALUES = new Set(['enum', 'const', 'default', 'examples', 'required', 'x-not-built']);

const ANY_NAME = '^.*$';

/** Typebox spells tuples as drafts before 2020-12 do, leaves out the type of texts, and writes records as patterns, which few generators know. */
function in2020({ items, additionalItems, patternProperties, ...plain }: Json): Json {
  if (Array.isArray(items)) Object.assign(plain, { prefixItems: items, items: additionalItems ?? true });
  else if (items !== undefined) plain.items = items;
  const patterns = (patternProperties ?? {}) as Json;
  if (ANY_NAME in patterns && Object.keys(patterns).length === 1)
    plain.additionalProperties = patterns[ANY_NAME];
  else if (patternProperties !== undefined) plain.patternProperties = patternProperties;
  const { enum: values, type } = plain;
  if (type === undefined && Array.isArray(values) && values.every((value) => typeof value === 'string'))
    plain.type = 'string';
  return plain;
}

function namedSchemas(): Map<object, string> {
  const names = new Map<object, string>();
  for (const [name, schema] of MODULES.flatMap((module) => Object.entries(module))) {
    const core = coreOf(schema);
    if (core && !names.has(core)) names.set(core, name);
  }
  return names;
}

/** Turns schemas into plain JSON: named ones into references, each kept once in `schemas`. */
export class Components {
  readonly schemas: Record<string, Json> = {};
  readonly #names = namedSchemas();

  json(schema: unknown): Json {
    return this.#plain(schema) as Json;
  }

  /** The schema itself, where a reference to it will not do. */
  inline(schema: object): Json {
    return this.#object(schema);
  }

  #plain(node: unknown): unknown {
    if (Array.isArray(node)) return node.map((item) => this.#plain(item));
    if (typeof node !== 'object' || node === null) return node;
    const core = coreOf(node);
    const name = core && (this.#names.get(core) ?? this.#pageName(core));
    return name === undefined ? this.#object(node) : this.#refer(name, node);
  }

  /** A page of a list is named after its items. */
  #pageName(properties: { items?: { items?: object }; nextCursor?: object }): string | undefined {
    const core = properties.nextCursor && coreOf(properties.items?.items);
    const name = core && this.#names.get(core);
    return name === undefined ? undefined : `${name}Page`;
  }

  #refer(name: string, node: object): Json {
    if (!this.schemas[name]) {
      this.schemas[name] = {}; // a schema may hold itself
      this.schemas[name] = this.#object(node);
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  #object(node: object): Json {
    const plain: Json = {};
    for (const [key, value] of Object.entries(node)) {
      if (key.startsWith('~') || key === '$id') continue;
      if (key === '$defs') this.#define(value as Record<string, object>);
      else if (key === '$ref') plain[key] = `#/components/schemas/${value}`;
      else if (OF_SCHEMAS.has(key)) plain[key] = this.#byName(value as Record<string, object>);
      else plain[key] = OF_VALUES.has(key) ? value : this.#plain(value);
    }
    return in2020(plain);
  }

  #byName(schemas: Record<string, object>): Json {
    return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, this.#plain(schema)]));
  }

  /** Typebox keeps a schema that holds itself under `$defs`, and refers to it by its bare name. */
  #define(definitions: Record<string, object>): void {
    for (const [name, definition] of Object.entries(definitions)) {
      if (this.schemas[name]) continue;
      this.schemas[name] = {};
      this.schemas[name] = this.#object(definition);
    }
  }
}
