import type { SourceEngine } from '../domain/datasource.ts';

/** How a login that only reads is made. */
const REMEDIES: Readonly<Record<SourceEngine, string>> = {
  postgres:
    "CREATE ROLE reports LOGIN PASSWORD '…'; GRANT USAGE ON SCHEMA public TO reports; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reports (up to PostgreSQL 14 also REVOKE CREATE ON SCHEMA public FROM PUBLIC)",
  mysql: "CREATE USER reports IDENTIFIED BY '…'; GRANT SELECT, SHOW VIEW ON shop.* TO reports",
  mssql:
    "CREATE LOGIN reports WITH PASSWORD = '…'; CREATE USER reports FOR LOGIN reports; GRANT SELECT ON SCHEMA::dbo TO reports",
};
const SHOWN = 20;

/** A warning about a login that may do more than read; none for one that may not. */
export function rightsWarnings(engine: SourceEngine, rights: readonly string[]): string[] {
  if (rights.length === 0) return [];
  const left = rights.length - SHOWN;
  const list = rights.slice(0, SHOWN).join('; ') + (left > 0 ? `; and ${left} more` : '');
  return [
    `The login has more rights than reading needs: ${list}. Give reports a login that may only read, such as: ${REMEDIES[engine]}`,
  ];
}
