import type { AiData } from '../services/ai/data.ts';
import type { Datasets } from '../services/datasets.ts';
import { McpServer } from '../services/mcp/server.ts';
import type { McpCatalog } from '../services/mcp/tools.ts';
import type { Models } from '../services/models.ts';
import type { DatasourceParts } from './datasources.ts';
import type { Parts } from './parts.ts';

/** Sources that one answer lists; an installation with more is asked for by name. */
const MOST_SOURCES = 1000;
const MOST_TABLES = 2000;

interface McpSources {
  datasets: Datasets;
  models: Models;
  sources: DatasourceParts;
}

export function createMcp(
  { config }: Parts,
  version: string,
  data: AiData,
  { datasets, models, sources: { datasources, catalog: tables } }: McpSources,
): McpServer {
  const catalog: McpCatalog = {
    async sources() {
      const [uploaded, connected, named] = await Promise.all([
        datasets.list(MOST_SOURCES, undefined),
        datasources.list(MOST_SOURCES),
        models.list(MOST_SOURCES),
      ]);
      return {
        datasets: uploaded.map(({ name, description, rowCount }) => ({ name, description, rowCount })),
        models: named.map(({ name, description }) => ({ name, description })),
        datasources: connected.map(({ name, type, description }) => ({ name, type, description })),
      };
    },
    tables: async (datasource, schema, signal) =>
      (await tables.tables(datasource, schema, { signal })).slice(0, MOST_TABLES),
  };
  return new McpServer({ catalog, data, maxRows: config.MCP_MAX_ROWS }, version);
}
