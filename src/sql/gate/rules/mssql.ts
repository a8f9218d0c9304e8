import { names, type TokenRules } from '../token-rules.ts';

const REFUSED = names(`
  openrowset openquery opendatasource openxml 
  decryptbykey decryptbykeyautocert decryptbykeyautoasymkey decryptbyasymkey decryptbycert decryptbypassphrase
  encryptbykey encryptbyasymkey encryptbycert encryptbypassphrase signbyasymkey signbycert
  verifysignedbyasymkey verifysignedbycert key_guid key_id key_name asymkey_id asymkeyproperty cert_id certproperty
  certencoded certprivatekey crypt_gen_random pwdencrypt pwdcompare loginproperty
  context_info session_context connectionproperty get_filestream_transaction_context modify filetablerootpath getpathlocator
  getfilenamespacepath publishingservername eventdata original_login suser_sname suser_name suser_sid suser_id
  get_transmission_status change_tracking_context is_srvrolemember serverproperty
  ai_generate_embeddings ai_generate_chunks predict`);

const REFUSED_FAMILIES = [
  /^(?:xp|sp)_/,
  /^fn_/,
  /^dm_/,
  /^open(?:rowset|query|datasource|xml)/,
  /^(?:decrypt|encrypt)by/,
];

const SECRET_TABLES = names(`
  sql_logins syslogins sysusers sysremotelogins sysoledbusers sysservers sysprocesses syscacheobjects syslockinfo
  sysperfinfo sysconfigures syscurconfigs sysfiles sysaltfiles sysdatabases syscomments sysxlogins syspermissions
  sysprotects sysmembers fn_get_audit_file fn_get_audit_file_v2 fn_get_sql fn_dblog fn_virtualfilestats
  fn_virtualservernodes fn_my_permissions fn_builtin_permissions fn_servershareddrives fn_helpcollations`);

/** What may be read of the schema sys: how the database is built, not who may enter it or what others do. */
const SYS_TABLES = names(`
  tables views columns all_columns objects all_objects schemas types indexes index_columns foreign_keys
  foreign_key_columns key_constraints check_constraints default_constraints computed_columns identity_columns
  extended_properties partitions time_zone_info`);

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
  schemaTables: { sys: SYS_TABLES },
  namePatterns: [/^dm_/, /^xp_/, /^fn_(?:trace_|dump_dblog|full_dblog|xe_)/],
  schemas: names(''),
  callSchemas: names('sys'),
  methods: names('value query exist nodes'),
  maxParts: 3,
  rowSources: null,
  refusesTable: () => false,
  refusesFunction: (name, schema) =>
    REFUSED.has(name) ||
    REFUSED_FAMILIES.some((family) => family.test(name)) ||
    (schema === undefined && name.startsWith('fn_')),
};
