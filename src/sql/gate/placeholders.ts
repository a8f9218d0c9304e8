import type { Engine } from '../dialect.ts';

/** How each engine's driver and parser write the n-th parameter, counted from 1. */
export const PLACEHOLDERS: Readonly<Record<Engine, (index: number) => string>> = {
  postgres: (index) => `$${index}`,
  mysql: () => '?',
  mssql: (index) => `@p${index}`,
  duckdb: (index) => `$${index}`,
};

/** Whether one placeholder may stand in several places. */
export const NUMBERED: Readonly<Record<Engine, boolean>> = {
  postgres: true,
  mysql: false,
  mssql: true,
  duckdb: true,
};
