import type { EngineSettings } from '../driver.ts';

export const postgresSettings: EngineSettings = {
  engine: 'postgres',
  defaultPort: 5432,
  schemes: ['postgresql', 'postgres', 'postgresql+psycopg', 'postgresql+psycopg2', 'postgresql+asyncpg'],
  options: {
    application_name: { type: 'string', help: "The client's name in pg_stat_activity." },
    search_path: { type: 'string', help: 'Schemas of tables that are named without one, by comma.' },
    role: { type: 'string', help: 'The role that statements run as.' },
  },
};
