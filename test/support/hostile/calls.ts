import { DuckDBInstance } from '@duckdb/node-api';
import { AGGREGATES, SCALARS } from '../../../src/sql/gate/rules/duckdb-functions.ts';

/** Arguments by the start of a type's name, over the columns that the child has: deep, long, empty, null, extreme. */
const ARGUMENTS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\[\]|LIST|ARRAY/, ['[brackets]', '[]', '[null]', '[[long]]', 'tags', 'range(10000)']],
  [
    /^VARCHAR/,
    ['brackets', 'objects', 'parens', 'long', 'blank', 'nothing', "'a'", "'%99d'", "'day'", "'('"],
  ],
  [/^JSON/, ['nested', 'data', "'{}'::json", 'brackets::json']],
  [/INT|NUMERIC/, ['0', '-1', '9223372036854775807', 'null::bigint', '3', 'id']],
  [/^(DOUBLE|FLOAT|DECIMAL)/, ['wide', 'odd', '-0.5', '0', 'huge::double']],
  [/^DATE/, ["'infinity'::date", "date '5881580-07-10'", "date '2020-01-01'", 'null::date']],
  [/^TIMESTAMP/, ['first_day', 'last_day', "timestamp '294247-01-10 04:00:54'", 'ordered_at']],
  [/^TIME/, ["time '23:59:59'", 'null::time']],
  [/^INTERVAL/, ["interval '178000000 years'", "interval '1 microsecond'", "interval '-1 day'"]],
  [/^BLOB/, ['brackets::blob', 'blank::blob']],
  [/^BOOLEAN/, ['true', 'null::boolean']],
  [/^BIT/, ["'101'::bit"]],
  [/^MAP/, ["map {'a': brackets}", 'map {long: null}']],
  [/^STRUCT/, ["{'a': objects}", "{'a': {'b': null}}"]],
];
const ANYTHING = ['brackets', '1', '[long]', "{'a': objects}", 'null', 'nested'];
const LAMBDAS = ['x -> x', 'x -> null', '(x, y) -> y'];

const argumentsOf = (type: string | null): readonly string[] => {
  if (type === null) return ANYTHING;
  return /LAMBDA/.test(type) ? LAMBDAS : (ARGUMENTS.find(([pattern]) => pattern.test(type))?.[1] ?? ANYTHING);
};

function combinations(types: readonly (string | null)[], most: number): string[][] {
  const lists = types.map(argumentsOf);
  const size = lists.reduce((all, list) => all * list.length, 1);
  return Array.from({ length: Math.min(size, most) }, (_, round) =>
    lists.map((list, place) => list[(round * (place + 1) + place) % list.length]!),
  );
}

interface Overload {
  name: string;
  types: readonly (string | null)[];
  more: string | null;
}

/** Calls of every allowed function, in each of the forms that DuckDB has of it, with arguments that are meant to hurt. */
export async function hostileCalls(most: number): Promise<string[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `SELECT function_name AS name, parameter_types AS types, varargs AS more FROM duckdb_functions()
     WHERE function_type IN ('scalar', 'aggregate', 'macro') ORDER BY function_name, parameter_types::varchar`,
  );
  const overloads = (reader.getRowObjectsJson() as unknown as Overload[]).filter(
    ({ name }) => SCALARS.has(name) || AGGREGATES.has(name),
  );
  connection.closeSync();
  instance.closeSync();
  const calls = overloads.flatMap(({ name, types, more }) =>
    combinations(more === null ? types : [...types, more, more], most).map(
      (args) => `${name}(${args.join(', ')})`,
    ),
  );
  return [...new Set(calls)];
}
