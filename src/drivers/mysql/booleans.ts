import type { DatasourceSettings } from '../../domain/datasource.ts';

/** Whether a column of type `tinyint(1)` is a boolean. */
export type IsBoolean = (column: { schema: string; table: string; name: string }) => boolean;

export const ALL_BOOLEANS: IsBoolean = () => true;

/**
 * The server keeps any number from -128 to 127 in a `tinyint(1)`, so it is a number unless the option `booleans` names it: as
 * `table.column`, as `schema.table.column`, or all by `*`.
 */
export function booleansOf({ options }: Pick<DatasourceSettings, 'options'>): IsBoolean {
  const named = new Set(
    String(options?.booleans ?? '')
      .split(',')
      .map((name) => name.trim().toLowerCase()),
  );
  if (named.has('*')) return ALL_BOOLEANS;
  return ({ schema, table, name }) => {
    const short = `${table}.${name}`.toLowerCase();
    return named.has(short) || named.has(`${schema.toLowerCase()}.${short}`);
  };
}
