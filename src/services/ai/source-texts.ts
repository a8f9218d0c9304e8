import { tableName } from '../../engine/sources.ts';
import type { Datasets } from '../datasets.ts';
import type { SourceCatalog } from '../source-catalog.ts';

/** What people wrote about a source where it stands. */
export interface SourceText {
  description?: string | undefined;
  /** By the names of the columns. */
  columns: ReadonlyMap<string, string>;
}

/** Descriptions of datasets, and comments that databases keep with tables and columns. */
export class SourceTexts {
  constructor(
    readonly datasets: Pick<Datasets, 'get'>,
    readonly catalog: Pick<SourceCatalog, 'columns' | 'tables'>,
  ) {}

  async ofDataset(nameOrId: string): Promise<SourceText> {
    const { description } = await this.datasets.get(nameOrId);
    return { description: description === '' ? undefined : description, columns: new Map() };
  }

  /** `table` as a query names it. */
  async ofTable(datasource: string, table: string, signal: AbortSignal): Promise<SourceText> {
    const named = tableName(table);
    const [columns, tables] = await Promise.all([
      this.catalog.columns(datasource, named, { signal }),
      this.catalog.tables(datasource, named.schema, { signal }),
    ]);
    // Without a schema there may be several of the name.
    const [found, ...others] = tables.filter(({ name }) => name === named.name);
    const comment = others.length === 0 ? found?.comment : undefined;
    const commented = columns.flatMap(({ name, comment: text }) =>
      text === undefined ? [] : [[name, text] as const],
    );
    return { description: comment, columns: new Map(commented) };
  }
}
