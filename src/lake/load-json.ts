import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../base/errors.ts';
import { columnNames } from './column-names.ts';
import type { ColumnPlan } from './decide-types.ts';
import type { Loaded, Parts } from './jobs.ts';
import { allDigits, HAS_LONG_NUMBER } from './json-digits.ts';
import type { LoadContext } from './load-csv.ts';
import { firstMisfit, nearMissWarning, planColumns } from './plan-columns.ts';
import { forceTypes, type RawColumn, type RawTable, type Reading, rows } from './raw-table.ts';
import * as rejects from './rejects.ts';
import { list, literal } from './sql-text.ts';
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

/** Loads JSON in UTF-8: an array of objects, objects one after another, or one object a line. */
export async function loadJson(
  path: string,
  shape: JsonShape,
  parts: Parts,
  context: LoadContext,
): Promise<Omit<Loaded, 'format'>> {
  const { connection, options, maxColumns, maxValueBytes } = context;
  const docs = documents(path, shape, maxValueBytes);
  const keys = await findKeys(connection, docs).catch((error: unknown) => {
    throw malformed(error, maxValueBytes) ?? error;
  });
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

function malformed(error: unknown, maxValueBytes: number): AppError | undefined {
  const text = String(error);
  if (!/JSON/.test(text)) return undefined;
  const place = /at byte (\d+) in (?:record\/value|line|record) (\d+)/.exec(text);
  const size = /maximum_object_size/.test(text);
  const where = place ? `, at byte ${place[1]} of value ${place[2]}` : '';
  const detail = size
    ? `The file has a value larger than ${maxValueBytes} bytes`
    : `The file is not valid JSON${where}`;
  return new AppError('dataset.badFile', detail, {
    pointer: '/file',
    params: {
      ...(place ? { value: Number(place[2]), byte: Number(place[1]) } : {}),
      ...(size ? { limit: 'UPLOAD_MAX_VALUE_BYTES' } : {}),
    },
    cause: error,
  });
}

/** All keys, in the order in which they first come. */
async function findKeys(connection: DuckDBConnection, docs: string): Promise<string[]> {
  const found = await rows(
    connection,
    `SELECT key FROM (SELECT line, unnest(json_keys(doc)) AS key, generate_subscripts(json_keys(doc), 1) AS place FROM ${docs} WHERE ${IS_OBJECT})
     GROUP BY key ORDER BY min(line * 100000 + place)`,
  );
  return found.map(([key]) => key ?? '');
}

async function hasBadDocuments(connection: DuckDBConnection, docs: string): Promise<boolean> {
  const found = await rows(
    connection,
    `SELECT 1 FROM ${docs} WHERE trim(doc) <> '' AND NOT ${IS_OBJECT} LIMIT 1`,
  );
  return found.length > 0;
}

const pointerOf = (key: string) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Each key's text and JSON type as columns of an intermediate file, so that a document is taken apart once. */
async function writeRaw(
  connection: DuckDBConnection,
  docs: string,
  keys: readonly string[],
  to: string,
): Promise<void> {
  const pointers = list(keys.map(pointerOf));
  const columns = keys.flatMap((key, i) => [
    `${allDigits(key, `texts[${i + 1}]`, `types[${i + 1}]`)} AS c${i}`,
    `types[${i + 1}] AS j${i}`,
  ]);
  const taken =
    keys.length > 0
      ? `, json_extract_string(doc, ${pointers}) AS texts, json_type(doc, ${pointers}) AS types`
      : '';
  await connection.run(
    `COPY (SELECT ${['line', ...columns].join(', ')} FROM (SELECT line, CASE WHEN ${HAS_LONG_NUMBER} THEN doc END AS long${taken} FROM ${docs} WHERE ${IS_OBJECT})) TO ${literal(to)} ${PARQUET}`,
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
    `SELECT count(*) FILTER (trim(doc) <> '' AND NOT ${IS_OBJECT}) + ${misfits} FROM ${docs}`,
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
      `SELECT line, substr(doc, 1, 1048576), ${IS_OBJECT}::INTEGER FROM ${docs} WHERE line > ${after} AND ((trim(doc) <> '' AND NOT ${IS_OBJECT}) OR ${unfit}) ORDER BY line LIMIT ${BATCH}`,
    );
    for (const [line, text, object] of found) {
      const message =
        Number(object) === 1
          ? 'has a value that is not of the type asked for'
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
