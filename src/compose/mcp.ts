import type { AiData } from '../services/ai/data.ts';
import type { Datasets } from '../services/datasets.ts';
import { McpServer } from '../services/mcp/server.ts';
import type { McpCatalog } from '../services/mcp/tools.ts';
import type { Models } from '../services/models.ts';
import type { DatasourceParts } from './datasources.ts';
import type { Parts } from './parts.ts';

/** Sources of each kind, and tables, that one answer lists; an installation with more is asked for by name. */
const MOST = 1000;

interface McpSources {
  datasets: Datasets;
  models: Models;
  sources: DatasourceParts;
}

export function createMcp(
  { config, metrics }: Parts,
  version: string,
  data: AiData,
  { datasets, models, sources: { datasources, catalog: tables } }: McpSources,
): McpServer {
  const catalog: McpCatalog = {
    async sources() {
      const [uploaded, connected, named] = await Promise.all([
        datasets.list(MOST + 1, undefined),
        datasources.list(MOST + 1),
        models.list(MOST + 1),
      ]);
      const [files, databases, made] = [
        uploaded.slice(0, MOST),
        connected.slice(0, MOST),
        named.slice(0, MOST),
      ];
      return {
        datasets: files.map(({ name, description, rowCount }) => ({ name, description, rowCount })),
        models: made.map(({ name, description }) => ({ name, description })),
        datasources: databases.map(({ name, type, description }) => ({ name, type, description })),
        truncated: [uploaded, connected, named].some(({ length }) => length > MOST),
      };
    },
    async tables(datasource, schema, signal) {
      const found = await tables.tables(datasource, schema, { signal });
      return { tables: found.slice(0, MOST), truncated: found.length > MOST };
    },
  };
  const cut = () => metrics.limitsHit.inc({ limit: 'MCP_MAX_ROWS' });
  return new McpServer({ catalog, data, maxRows: config.MCP_MAX_ROWS, cut }, version);
}
