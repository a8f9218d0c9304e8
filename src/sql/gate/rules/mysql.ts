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
  lacking: {
    tablesample: {
      before: ['(', 'bernoulli', 'system', 'reservoir'],
      advice: 'MySQL and MariaDB have no TABLESAMPLE; use WHERE rand() < 0.1 for about a tenth of the rows',
    },
  },
  allowList: MYSQL_FUNCTIONS,
};
