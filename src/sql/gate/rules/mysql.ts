import { names, type TokenRules } from '../token-rules.ts';
import { MYSQL_FUNCTIONS } from './mysql-functions.ts';

/** MySQL, MariaDB and what speaks their protocol. */
export const MYSQL_RULES: TokenRules = {
  words: names('into procedure table lock unlock load'),
  callWords: names('current_user current_role session_user system_user'),
  names: names(''),
  namePatterns: [],
  schemas:
    names(`information_schema mysql performance_schema sys ndbinfo metrics_schema __internal_schema _statistics_
    cluster_info`),
  callSchemas: names(''),
  maxParts: 3,
  rowSources: null,
  allowList: MYSQL_FUNCTIONS,
};
