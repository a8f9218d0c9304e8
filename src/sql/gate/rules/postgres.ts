import { names, type TokenRules } from '../token-rules.ts';

const PURE_PG = names(`
  pg_typeof pg_size_pretty pg_size_bytes pg_column_size pg_column_compression pg_total_relation_size pg_relation_size
  pg_table_size pg_indexes_size pg_database_size pg_get_expr pg_get_viewdef pg_get_constraintdef pg_get_indexdef
  pg_table_is_visible pg_input_is_valid pg_encoding_to_char pg_char_to_encoding`);

const REFUSED = names(`
  set_config current_setting setval nextval currval lastval setseed loread lowrite
  xpath_table ts_stat ts_rewrite txid_current txid_current_if_assigned currtid currtid2
  inet_client_addr inet_client_port inet_server_addr inet_server_port
  system shell exec exec_sql execute_sql run_sql gin_clean_pending_list
  create_distributed_table create_reference_table undistribute_table rebalance_table_shards isolate_tenant_to_new_shard
  xslt_process get_raw_page fsm_page_contents cypher cluster_logical_timestamp http plpgsql_call_handler plpgsql_inline_handler`);

/** Families: files, large objects, other servers, what runs text as SQL, foreign code, cluster administration. */
const REFUSED_FAMILIES = [
  /^lo_(?:import|export|create|creat|unlink|open|close|lseek|tell|truncate|get|put|from_bytea|manage)/,
  /^(?:dblink|postgres_fdw|file_fdw|plpython|plperl|pltcl|plv8|plsh|pljava|crosstab|connectby|sleep)/,
  /^(?:http_|aws_|azure_|citus_|run_command_on_|gp_|stv_|svl_|rds_|crdb_internal|cron_|vault_|pgsodium|binary_upgrade)/,
  /^(?:master|worker)_(?:run|create|drop|get|add|remove|disable|activate|update|copy|modify|append|apply|fetch|partition)/,
  /^(?:to_reg|_?pgr_|heap_page|bt_page|brin_page|hash_page|gist_page|st_fromgdal|st_asgdal|postgis_)/,
  /^(?:query|table|schema|database|cursor)_to_/,
  /^(?:brin_summarize|brin_desummarize|heap_force|bt_index|add_job|delete_job|run_job|alter_job)/,
];

const REFUSED_SCHEMAS = names(`
  pg_toast pg_temp vault pgsodium pgsodium_masks dblink aws_s3 aws_lambda aws_commons azure_storage azure_ai
  crdb_internal citus citus_internal pglogical pgagent timescaledb_internal _timescaledb_internal
  _timescaledb_config _timescaledb_catalog gp_toolkit`);

const SECRET_TABLES = names(`
  pg_authid pg_shadow pg_user pg_roles pg_group pg_auth_members pg_user_mapping pg_user_mappings pg_foreign_server
  pg_foreign_data_wrapper pg_hba_file_rules pg_ident_file_mappings pg_file_settings pg_settings pg_config
  pg_subscription pg_subscription_rel pg_db_role_setting pg_largeobject pg_largeobject_metadata pg_statistic pg_stats
  pg_stats_ext pg_stats_ext_exprs pg_statistic_ext pg_statistic_ext_data pg_stat_activity pg_stat_replication
  pg_stat_ssl pg_stat_gssapi pg_stat_wal_receiver pg_stat_subscription pg_stat_statements pg_stat_statements_info
  pg_locks pg_cursors pg_prepared_statements pg_prepared_xacts pg_replication_slots pg_replication_origin
  pg_replication_origin_status pg_seclabel pg_seclabels pg_shseclabel pg_shmem_allocations pg_backend_memory_contexts
  pg_default_acl pg_init_privs pg_policy pg_policies pg_event_trigger pg_language pg_publication
  user_mappings user_mapping_options foreign_server_options foreign_servers
  stl_query stv_recents svv_external_schemas`);

/** What may be read of pg_catalog: how the database is built, not who may enter it or what others do. */
const DESCRIBING_TABLES = names(`
  pg_class pg_namespace pg_attribute pg_attrdef pg_type pg_tables pg_views pg_matviews pg_indexes pg_index pg_constraint
  pg_description pg_enum pg_range pg_inherits pg_timezone_names pg_timezone_abbrevs pg_collation pg_sequences pg_partitioned_table`);

const TYPES = names(
  'regclass regproc regprocedure regoper regoperator regtype regrole regnamespace regconfig regdictionary regcollation',
);

/**
 * PostgreSQL and what speaks its protocol. Every function that begins with pg_ is refused but for those that only describe;
 * other families are refused by name. Users' own functions may be called: the read-only session is the wall behind them.
 */
export const POSTGRES_RULES: TokenRules = {
  words: names('into table'),
  names: new Set([...SECRET_TABLES, ...TYPES]),
  namePatterns: [/^pg_stat_/, /^pg_toast/, /^pg_temp/],
  schemaTables: {},
  schemas: REFUSED_SCHEMAS,
  callSchemas: names('net http cron partman pgmq graphql sqlj'),
  methods: null,
  maxParts: 4,
  rowSources: null,
  refusesTable: (name, schema) =>
    (name.startsWith('pg_') || schema === 'pg_catalog') && !DESCRIBING_TABLES.has(name),
  refusesFunction(name) {
    if (name.startsWith('pg_')) return !PURE_PG.has(name);
    return REFUSED.has(name) || REFUSED_FAMILIES.some((family) => family.test(name));
  },
};
