import { names, type TokenRules } from '../token-rules.ts';
import { POSTGRES_FUNCTIONS } from './postgres-functions.ts';

/** Schemas of the server and of extensions that reach other servers, files, schedules and secrets. */
const SCHEMAS = names(`
  pg_catalog information_schema pg_toast pg_temp vault pgsodium pgsodium_masks dblink aws_s3 aws_lambda aws_commons azure_storage
  azure_ai crdb_internal citus citus_internal columnar columnar_internal pglogical pgagent timescaledb_information
  timescaledb_internal _timescaledb_internal _timescaledb_config _timescaledb_catalog gp_toolkit`);

/** Refused wherever they stand, so that no reading of the statement by another parser finds them. */
const SECRETS = names(`
  pg_authid pg_shadow pg_roles pg_group pg_auth_members pg_user_mapping pg_user_mappings pg_foreign_server pg_hba_file_rules
  pg_ident_file_mappings pg_file_settings pg_settings pg_config pg_subscription pg_db_role_setting pg_largeobject
  pg_largeobject_metadata pg_statistic pg_stats pg_stats_ext pg_locks pg_cursors pg_prepared_statements pg_prepared_xacts
  pg_replication_slots pg_policies user_mappings user_mapping_options foreign_server_options`);

/** Types whose input looks objects, roles or settings up. */
const LOOKUP_TYPES =
  /^_?(?:reg(?:class|proc|procedure|oper|operator|type|role|namespace|config|dictionary|collation|database)|aclitem|refcursor)$/;

/** PostgreSQL and what speaks its protocol. */
export const POSTGRES_RULES: TokenRules = {
  words: names('into table'),
  callWords: names('current_user session_user system_user user current_role current_catalog current_schema'),
  names: SECRETS,
  namePatterns: [/^pg_stat_/, /^pg_toast/, /^pg_temp/, /^citus_stat_/, /^pg_dist_/, LOOKUP_TYPES],
  schemas: SCHEMAS,
  callSchemas: names('net http cron partman pgmq graphql sqlj'),
  maxParts: 4,
  rowSources: null,
  lacking: {
    tablesample: {
      before: ['(', 'reservoir'],
      advice:
        'TABLESAMPLE of PostgreSQL needs a method and a percentage: TABLESAMPLE BERNOULLI (10) or SYSTEM (10)',
    },
  },
  allowList: POSTGRES_FUNCTIONS,
};
