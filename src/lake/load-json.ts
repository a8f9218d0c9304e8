import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../base/errors.ts';
import { columnNames } from './column-names.ts';
import { countJsonValues, countLines } from './count-json.ts';
import type { ColumnPlan } from './decide-types.ts';
import type { Loaded, Parts } from './jobs.ts';
import { allDigits, HAS_LONG_NUMBER } from './json-digits.ts';
import type { LoadContext } from './load-csv.ts';
import { firstMisfit, nearMissWarning, planColumns } from './plan-columns.ts';
import { forceTypes, type RawColumn, type RawTable, type Reading, rows } from './raw-table.ts';
import * as rejects from './rejects.ts';
import { literal } from './sql-text.ts';
import { unifyLineEnds } from './unify-line-ends.ts';
import { PARQUET, writeParquet } from './write-parquet.ts';

export type JsonShape = 'lines' | 'array' | 'objects';

/** Rows (line, doc): every line of an NDJSON file, or every value of a JSON file with its number. */
function documents(path: string, shape: JsonShape, maxValueBytes: number): string {
  if (shape === 'lines')
    return `(SELECT row_number() OVER () AS line, doc FROM read_csv(${literal(path)}, auto_detect = false, header = false, delim = chr(1), quote = '', escape = '',
      columns = {doc: 'VARCHAR'}, strict_mode = false, max_line_size = ${maxValueBytes}, buffer_size = ${4 * maxValueBytes}) )`;
  const format = shape === 'array' ? 'array' : 'unstructured';
  return `(SELECT row_number() OVER () AS line, json AS doc FROM read_json_objects(${literal(path)}, format = '${format}', maximum_object_size = ${maxValueBytes}))`;
}

const IS_OBJECT = `(json_valid(doc) AND json_type(CASE WHEN json_valid(doc) THEN doc END) = 'OBJECT')`;
const KEYS = `json_keys(CASE WHEN ${IS_OBJECT} THEN doc END)`;
/** The first key that an object has twice: one of its values would be lost. */
const TWICE = `list_filter(${KEYS}, (key, i) -> list_position(${KEYS}, key) <> i)[1]`;
const HAS_TWICE = `(${IS_OBJECT} AND list_unique(json_keys(doc)) < len(json_keys(doc)))`;

/** The documents, and of each whether it is a row: an object without a key that it has twice. */
async function judged(connection: DuckDBConnection, docs: string): Promise<string> {
  const found = await rows(connection, `SELECT 1 FROM ${docs} WHERE ${HAS_TWICE} LIMIT 1`);
  const isRow = found.length > 0 ? `(${IS_OBJECT} AND NOT ${HAS_TWICE})` : IS_OBJECT;
  return `(SELECT line, doc, ${isRow} AS is_row FROM ${docs})`;
}

/** Loads JSON in UTF-8: an array of objects, objects one after another, or one object a line. */
export async function loadJson(
  path: string,
  shape: JsonShape,
  parts: Parts,
  context: LoadContext,
): Promise<Omit<Loaded, 'format'>> {
  const { connection, options, maxColumns, maxValueBytes } = context;
  const lines = shape === 'lines' ? await countLines(path, context.signal) : undefined;
  if (lines?.isMixed) return loadUnified(path, parts, context);
  const documentsOf = documents(path, shape, maxValueBytes);
  const docs = await judged(connection, documentsOf).catch(async (error: unknown) => {
    throw await malformed(error, path, shape, context);
  });
  await checkCount(connection, documentsOf, lines?.count ?? (await countValues(path, shape, context)));
  const keys = await findKeys(connection, docs);
  if (keys.length === 0 && !(await hasBadDocuments(connection, docs)))
    throw new AppError('dataset.empty', 'The file has no rows and no columns', { pointer: '/file' });
  const names = columnNames(keys, maxColumns);
  const raw = context.scratch();
  await writeRaw(connection, docs, keys, raw);
  const read = await readings(connection, raw, names);
  const table: RawTable = {
    from: `read_parquet(${literal(raw)})`,
    columns: forceTypes(read.columns, options.types),
  };
  const plans = keys.length > 0 ? await planColumns(connection, table, options) : [];
  const count = await countBad(connection, docs, table, plans);
  if (count > 0 && (options.badRows !== 'keepAside' || keys.length === 0))
    throw await rejects.refusal(count, badDocuments(connection, docs, table, plans, shape, rejects.SHOWN));
  const written = await writeParquet(connection, plans, table.from, parts.target);
  const all = badDocuments(connection, docs, table, plans, shape);
  return {
    ...written,
    columns: plans.map(({ column }) => column),
    rejected: count > 0 ? await rejects.keepRejects(parts.rejected, all) : { count: 0 },
    warnings: [...read.warnings, ...(await planWarnings(connection, table, plans, written.rowCount))],
  };
}

/** DuckDB takes one kind of line end for that of the whole file. */
async function loadUnified(path: string, parts: Parts, context: LoadContext) {
  const unified = context.scratch();
  await unifyLineEnds(path, unified, context.signal);
  return loadJson(unified, 'lines', parts, context);
}

/** What DuckDB says of a file that is no JSON, as an error that names the value; DuckDB 1.5 counts one too many in arrays. */
async function malformed(
  error: unknown,
  path: string,
  shape: JsonShape,
  { maxValueBytes, signal }: LoadContext,
): Promise<unknown> {
  if (error instanceof AppError || !/JSON/.test(String(error))) return error;
  if (shape !== 'lines')
    await countJsonValues(path, { isSequence: shape === 'objects', maxValueBytes, parses: true }, signal);
  return new AppError('dataset.badFile', 'The file is not valid JSON', { pointer: '/file', cause: error });
}

const countValues = (path: string, shape: JsonShape, { maxValueBytes, signal }: LoadContext) =>
  countJsonValues(path, { isSequence: shape === 'objects', maxValueBytes, parses: false }, signal);

/** Throws `dataset.badFile` where not every value was read: of an array that ends after a comma, DuckDB 1.5 says nothing. */
async function checkCount(connection: DuckDBConnection, docs: string, counted: number): Promise<void> {
  const [row] = await rows(connection, `SELECT count(*) FILTER (trim(doc) <> '') FROM ${docs}`);
  const read = Number(row?.[0]);
  if (read === counted) return;
  throw new AppError('dataset.badFile', `The file holds ${counted} values, of which ${read} were read`, {
    pointer: '/file',
    params: { counted, read },
  });
}

/** All keys, in the order in which they first come. */
async function findKeys(connection: DuckDBConnection, docs: string): Promise<string[]> {
  const found = await rows(
    connection,
    `SELECT key FROM (SELECT line, unnest(json_keys(doc)) AS key, generate_subscripts(json_keys(doc), 1) AS place FROM ${docs} WHERE is_row)
     GROUP BY key ORDER BY min(line * 100000 + place)`,
  );
  return found.map(([key]) => key ?? '');
}

async function hasBadDocuments(connection: DuckDBConnection, docs: string): Promise<boolean> {
  const found = await rows(connection, `SELECT 1 FROM ${docs} WHERE trim(doc) <> '' AND NOT is_row LIMIT 1`);
  return found.length > 0;
}

/** The text of a statement ends at a NUL. */
const literalWithNul = (text: string) => text.split('\0').map(literal).join(' || chr(0) || ');

const pointerOf = (key: string) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Each key's text and JSON type as columns of an intermediate file, so that a document is taken apart once. */
async function writeRaw(
  connection: DuckDBConnection,
  docs: string,
  keys: readonly string[],
  to: string,
): Promise<void> {
  const pointers = `[${keys.map((key) => literalWithNul(pointerOf(key))).join(', ')}]`;
  const columns = keys.flatMap((key, i) => [
    `${allDigits(key, `texts[${i + 1}]`, `types[${i + 1}]`)} AS c${i}`,
    `types[${i + 1}] AS j${i}`,
  ]);
  const taken =
    keys.length > 0
      ? `, json_extract_string(doc, ${pointers}) AS texts, json_type(doc, ${pointers}) AS types`
      : '';
  await connection.run(
    `COPY (SELECT ${['line', ...columns].join(', ')} FROM (SELECT line, CASE WHEN ${HAS_LONG_NUMBER} THEN doc END AS long${taken} FROM ${docs} WHERE is_row)) TO ${literal(to)} ${PARQUET}`,
  );
}

const KINDS = ['VARCHAR', 'numbers', 'BOOLEAN', 'nested'] as const;
const READING: Record<(typeof KINDS)[number], Reading> = {
  VARCHAR: 'strings',
  numbers: 'numbers',
  BOOLEAN: 'booleans',
  nested: 'json',
};
const WORDS = { VARCHAR: 'strings', numbers: 'numbers', BOOLEAN: 'booleans', nested: 'nested values' };

async function readings(
  connection: DuckDBConnection,
  raw: string,
  names: readonly string[],
): Promise<{ columns: RawColumn[]; warnings: string[] }> {
  if (names.length === 0) return { columns: [], warnings: [] };
  const tests = (column: string) => [
    `${column} = 'VARCHAR'`,
    `${column} IN ('BIGINT', 'UBIGINT', 'DOUBLE', 'HUGEINT')`,
    `${column} = 'BOOLEAN'`,
    `${column} IN ('OBJECT', 'ARRAY')`,
  ];
  const counts = names.flatMap((_, i) => tests(`j${i}`).map((test) => `count(*) FILTER (${test})`));
  const [row] = await rows(connection, `SELECT ${counts.join(', ')} FROM read_parquet(${literal(raw)})`);
  const warnings: string[] = [];
  const columns = names.map((name, i): RawColumn => {
    const present = KINDS.filter((_, k) => Number(row![i * KINDS.length + k]) > 0);
    const [only] = present;
    if (present.length > 1) {
      const kinds = present.map((kind) => WORDS[kind]).join(' and ');
      warnings.push(`column ${JSON.stringify(name)} is text because it mixes ${kinds}`);
    }
    return { name, source: `c${i}`, reading: present.length === 1 ? READING[only!] : 'text' };
  });
  return { columns, warnings };
}

const misfitTests = (plans: readonly ColumnPlan[]) =>
  plans.flatMap(({ misfit, missed }) => (misfit && !missed ? [`coalesce(${misfit}, false)`] : []));

async function countBad(
  connection: DuckDBConnection,
  docs: string,
  table: RawTable,
  plans: readonly ColumnPlan[],
): Promise<number> {
  const tests = misfitTests(plans);
  const misfits = tests.length > 0 ? `(SELECT count(*) FROM ${table.from} WHERE ${tests.join(' OR ')})` : '0';
  const [row] = await rows(
    connection,
    `SELECT count(*) FILTER (trim(doc) <> '' AND NOT is_row) + ${misfits} FROM ${docs}`,
  );
  return Number(row?.[0]);
}

const BATCH = 1000;

/** Documents that are no objects and those with values that do not fit a given type, in the order of the file. */
async function* badDocuments(
  connection: DuckDBConnection,
  docs: string,
  table: RawTable,
  plans: readonly ColumnPlan[],
  shape: JsonShape,
  atMost = Number.POSITIVE_INFINITY,
): AsyncGenerator<rejects.Reject> {
  const tests = misfitTests(plans);
  const unfit =
    tests.length > 0 ? `line IN (SELECT line FROM ${table.from} WHERE ${tests.join(' OR ')})` : 'false';
  const unit = shape === 'lines' ? 'line' : 'value';
  let given = 0;
  for (let after = 0; given < atMost; ) {
    const found = await rows(
      connection,
      `SELECT line, substr(doc, 1, 1048576), is_row::INTEGER, ${TWICE} FROM ${docs} WHERE line > ${after} AND ((trim(doc) <> '' AND NOT is_row) OR ${unfit}) ORDER BY line LIMIT ${BATCH}`,
    );
    for (const [line, text, isRow, twice] of found) {
      const message =
        Number(isRow) === 1
          ? 'has a value that is not of the type asked for'
          : twice !== null
            ? `has the key ${JSON.stringify(twice)} twice`
            : `is not a JSON object (${unit} ${line})`;
      yield { start: Number(line), line: Number(line), message, text: text ?? '' };
    }
    given += found.length;
    if (found.length < BATCH) return;
    after = Number(found[found.length - 1]![0]);
  }
}

async function planWarnings(
  connection: DuckDBConnection,
  table: RawTable,
  plans: readonly ColumnPlan[],
  rowCount: number,
): Promise<string[]> {
  const warnings: string[] = [];
  for (const [index, plan] of plans.entries()) {
    warnings.push(...plan.warnings);
    if (!plan.missed || !plan.misfit) continue;
    const found = await firstMisfit(connection, table.from, table.columns[index]!.source, plan.misfit);
    if (found) warnings.push(nearMissWarning(plan, rowCount, undefined, found.text));
  }
  return warnings;
}
