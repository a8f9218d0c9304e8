import { AppError } from '../../base/errors.ts';
import type { DistinctSpec, Measure } from '../../domain/query-spec.ts';
import { compileMeasure } from '../aggregate.ts';
import { compileDimension } from '../dimension.ts';
import type { KeyPair } from './join-keys.ts';
import { aliasOf } from './model-names.ts';
import type { OpenModel } from './model-scope.ts';

/** Tables of joins by which a row of a table may stand in several rows of the model. */
interface Repeats {
  /** It matches several rows there. */
  multiplied: Set<number>;
  /** Several rows before that join share it. */
  shared: Set<number>;
}

type Relationship = NonNullable<
  NonNullable<OpenModel['parts']['definition']['joins']>[number]['relationship']
>;

function repeatsOf({ parts, from }: OpenModel, tables: ReadonlySet<number>): ReadonlyMap<number, Repeats> {
  const found = new Map<number, Repeats>([[0, { multiplied: new Set(), shared: new Set() }]]);
  for (const [i, { relationship = 'manyToOne' }] of (parts.definition.joins ?? []).entries()) {
    const table = i + 1;
    if (!tables.has(table)) continue;
    const joined = ofJoined(relationship, table, leftOf(from.keys[i]!, found));
    if (relationship === 'oneToMany' || relationship === 'manyToMany')
      for (const repeats of found.values()) repeats.multiplied.add(table);
    found.set(table, joined);
  }
  return found;
}

function leftOf(pairs: readonly KeyPair[], found: ReadonlyMap<number, Repeats>): Repeats {
  const left = [...new Set(pairs.map((pair) => pair.left.table))].map((table) => found.get(table)!);
  return {
    multiplied: new Set(left.flatMap(({ multiplied }) => [...multiplied])),
    shared: new Set(left.flatMap(({ shared }) => [...shared])),
  };
}

const JOINED: Readonly<Record<Relationship, (table: number, left: Repeats) => Repeats>> = {
  oneToOne: (_, { multiplied, shared }) => ({ multiplied, shared }),
  manyToOne: (table, { multiplied, shared }) => ({ multiplied, shared: new Set([...shared, table]) }),
  oneToMany: (_, { multiplied, shared }) => ({
    multiplied: new Set([...multiplied, ...shared]),
    shared: new Set(),
  }),
  manyToMany: (table, { multiplied, shared }) => ({
    multiplied: new Set([...multiplied, ...shared, table]),
    shared: new Set(),
  }),
};

const ofJoined = (relationship: Relationship, table: number, left: Repeats): Repeats =>
  JOINED[relationship](table, left);

/** A row that stands there twice does not change these. */
const HEEDLESS = new Set<Measure['agg']>(['min', 'max', 'countDistinct', 'approxCountDistinct']);

const listed = (tables: Iterable<number>, model: OpenModel) =>
  [...new Set(tables)].map((table) => aliasOf(model.parts, table));

interface Counted {
  name: string;
  reads: ReadonlySet<string>;
  pointer: string;
}

/** `query.unsupported` where rows would be counted several times; gives whether rows of a joined table are counted once for each that has them. */
function checkCounted(
  { name, reads, pointer }: Counted,
  model: OpenModel,
  repeats: ReadonlyMap<number, Repeats>,
): string[] {
  const read = new Set([...reads].map((column) => model.from.names.get(column)!.table));
  const of = (read.size > 0 ? [...read] : [0]).map((table) => repeats.get(table)!);
  if (of.some(({ multiplied, shared }) => multiplied.size + shared.size === 0)) return [];
  if (of.some(({ multiplied }) => multiplied.size === 0))
    return listed(
      of.flatMap(({ shared }) => [...shared]),
      model,
    );
  throw counted(name, new Set(of.flatMap(({ multiplied }) => [...multiplied])), model, pointer);
}

function counted(name: string, tables: ReadonlySet<number>, model: OpenModel, pointer: string): AppError {
  const joins = listed(tables, model);
  const names = joins.map((join) => JSON.stringify(join)).join(' and ');
  const { definition } = model.parts;
  const isLeft = [...tables].every((table) => (definition.joins![table - 1]!.type ?? 'left') === 'left');
  const hint = isLeft
    ? `ask for it without columns of ${names}`
    : 'a left join takes part only where its columns are asked for';
  return new AppError(
    'query.unsupported',
    `${JSON.stringify(name)} would count a row once for each row that the join ${names} has for it; ${hint}`,
    { pointer, params: { measure: name, joins } },
  );
}

/**
 * Refuses measures whose rows a join repeats in a query that reads `model.scope.used`; gives warnings about those that count a row of a joined
 * table once for each row that has it.
 */
export function checkMeasures(measures: readonly Measure[], model: OpenModel): string[] {
  const repeats = repeatsOf(model, model.from.tablesFor(model.scope.used).tables);
  return measures.flatMap((measure, i) => {
    if (HEEDLESS.has(measure.agg)) return [];
    const pointer = `/measures/${i}`;
    const reads = new Set<string>();
    const { where: _, ...whole } = measure;
    const { name } = compileMeasure(whole, { ...model.scope, used: reads }, pointer);
    const joins = checkCounted({ name, reads, pointer }, model, repeats);
    return joins.map(
      (join) =>
        `${JSON.stringify(name)} counts a row of the join ${JSON.stringify(join)} once for each row that has it`,
    );
  });
}

/** As `checkMeasures`, of the counts beside distinct values. */
export function checkDistinct({ field }: DistinctSpec, model: OpenModel): void {
  const repeats = repeatsOf(model, model.from.tablesFor(model.scope.used).tables);
  const reads = new Set<string>();
  const { name } = compileDimension(field, { ...model.scope, used: reads }, '/field');
  checkCounted({ name, reads, pointer: '/field' }, model, repeats);
}
