import { names, type TokenRules } from '../token-rules.ts';
import { MSSQL_FUNCTIONS } from './mssql-functions.ts';

const SECRET_TABLES = names(`
  sql_logins syslogins sysusers sysremotelogins sysoledbusers sysservers sysprocesses syscacheobjects syslockinfo
  sysperfinfo sysconfigures syscurconfigs sysfiles sysaltfiles sysdatabases syscomments sysxlogins syspermissions
  sysprotects sysmembers fn_get_audit_file fn_get_audit_file_v2 fn_get_sql fn_dblog fn_virtualfilestats
  fn_virtualservernodes fn_my_permissions fn_builtin_permissions fn_servershareddrives fn_helpcollations`);

/**
 * T-SQL needs no semicolon between statements: a keyword that begins one must not stand unquoted anywhere, since what a parser
 * takes as an alias may be the next statement to the server.
 */
const STATEMENTS = names(`
  add alter backup begin break browse bulk call checkpoint close commit continue create database dbcc deallocate declare
  deny disable disk drop dump enable errlvl exec execute exit file function goto grant identity_insert
  if insert kill lineno load nocheck open opendatasource openquery openrowset openxml
  print proc procedure raiserror readtext receive reconfigure replication restore restrict return
  revert revoke rollback rule save schema send set setuser shutdown statistics textsize throw tran transaction trigger
  truncate tsequal update updatetext use waitfor while writetext table into go
  updlock xlock tablock tablockx holdlock paglock rowlock serializable repeatableread readcommittedlock`);

/** SQL Server and what speaks its protocol. */
export const MSSQL_RULES: TokenRules = {
  words: new Set([...STATEMENTS, 'delete', 'view']),
  names: SECRET_TABLES,
  namePatterns: [/^dm_(?:exec|os|tran|db|io)_/, /^xp_/, /^fn_(?:trace_|dump_dblog|full_dblog|xe_)/],
  callWords: names('current_user session_user system_user user'),
  schemas: names('information_schema sys'),
  callSchemas: names(''),
  columnMethods: names('value query exist nodes'),
  maxParts: 3,
  rowSources: null,
  lacking: {
    tablesample: {
      before: ['bernoulli', 'reservoir'],
      advice: 'TABLESAMPLE of SQL Server has one method: TABLESAMPLE (10 PERCENT) or TABLESAMPLE (1000 ROWS)',
    },
  },
  allowList: MSSQL_FUNCTIONS,
};
