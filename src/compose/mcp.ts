import { AiData } from '../services/ai/data.ts';
import type { Datasets } from '../services/datasets.ts';
import { McpServer } from '../services/mcp/server.ts';
import type { McpCatalog } from '../services/mcp/tools.ts';
import type { QueryService } from '../services/query.ts';
import type { DatasourceParts } from './datasources.ts';
import type { Parts } from './parts.ts';

/** Sources that one answer lists; an installation with more is asked for by name. */
const MOST_SOURCES = 1000;
const MOST_TABLES = 2000;

export function createMcp(
  { config }: Parts,
  version: string,
  queries: QueryService,
  datasets: Datasets,
  { datasources, catalog: tables }: DatasourceParts,
): McpServer {
  const catalog: McpCatalog = {
    async sources() {
      const [uploaded, connected] = await Promise.all([
        datasets.list(MOST_SOURCES, undefined),
        datasources.list(MOST_SOURCES),
      ]);
      return {
        datasets: uploaded.map(({ name, description, rowCount }) => ({ name, description, rowCount })),
        datasources: connected.map(({ name, type, description }) => ({ name, type, description })),
      };
    },
    tables: async (datasource, schema, signal) =>
      (await tables.tables(datasource, schema, { signal })).slice(0, MOST_TABLES),
  };
  return new McpServer({ catalog, data: new AiData(queries), maxRows: config.MCP_MAX_ROWS }, version);
}
