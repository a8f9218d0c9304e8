import { names, type TokenRules } from '../token-rules.ts';

/** The names from files to group_commit are table functions of StarRocks and Doris that read files, other servers and the cluster. */
const REFUSED = names(`
  sleep benchmark load_file get_lock release_lock release_all_locks is_free_lock is_used_lock
  master_pos_wait source_pos_wait master_gtid_wait wait_for_executed_gtid_set wait_until_sql_thread_after_gtids
  binlog_gtid_pos gtid_subset gtid_subtract
  sys_exec sys_eval sys_get sys_set sys_bineval do_system system shell
  last_insert_id found_rows row_count nextval lastval setval name_const
  extractvalue updatexml des_encrypt des_decrypt statement_digest statement_digest_text
  can_access_database can_access_table can_access_view can_access_column can_access_user can_access_event
  ps_current_thread_id ps_thread_id ps_thread_stack ps_thread_trx_info ps_thread_account sys_get_config
  internal_get_view_warning_or_error internal_get_comment_or_error internal_get_username internal_get_hostname
  files s3 hdfs local http http_stream backends frontends query iceberg_meta mv_infos group_commit
  roles_graphml icu_version kdf`);

/** Families: UDF libraries that run programs, key rings, audit and firewall plug-ins, replication, storage engines that call out. */
const REFUSED_FAMILIES = [
  /^(?:lib_mysqludf|sys_exec|sys_eval|keyring_|audit_|version_tokens_|group_replication_|asynchronous_connection_)/,
  /^(?:mysql_firewall|set_firewall|read_firewall|service_get_|service_release_|mysql_query_attribute|firewall_)/,
  /^(?:spider_|wsrep_|mroonga_|http_|mask_dictionary|gen_dictionary|load_rewrite|flush_rewrite|masking_dictionar|telemetry)/,
  /^(?:internal_|can_access_|innodb_)/,
];

const INFORMATION_SCHEMA = names(`
  tables views columns schemata statistics table_constraints key_column_usage referential_constraints check_constraints
  partitions character_sets collations collation_character_set_applicability engines sequences`);

/** MySQL, MariaDB and what speaks their protocol. */
export const MYSQL_RULES: TokenRules = {
  words: names('into procedure table lock unlock load'),
  names: names(''),
  schemaTables: { information_schema: INFORMATION_SCHEMA },
  namePatterns: [],
  schemas: names('mysql performance_schema sys ndbinfo metrics_schema __internal_schema cluster_info'),
  callSchemas: names(''),
  methods: null,
  maxParts: 3,
  rowSources: null,
  refusesTable: () => false,
  refusesFunction: (name) => REFUSED.has(name) || REFUSED_FAMILIES.some((family) => family.test(name)),
};
