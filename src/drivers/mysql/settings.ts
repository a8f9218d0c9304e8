import type { EngineSettings } from '../driver.ts';

export const mysqlSettings: EngineSettings = {
  engine: 'mysql',
  defaultPort: 3306,
  schemes: [
    'mysql',
    'mysql+pymysql',
    'mysql+mysqldb',
    'mysql+mysqlconnector',
    'mysql+asyncmy',
    'mysql+aiomysql',
    'mariadb',
    'mariadb+pymysql',
    'mariadb+mariadbconnector',
  ],
  options: {
    application_name: { type: 'string', help: "The client's name among the connection attributes." },
    booleans: {
      type: 'string',
      help: 'Columns of type tinyint(1) that are booleans and not numbers, as table.column or schema.table.column, separated by commas; * for all.',
    },
    charset: {
      type: 'string',
      values: ['utf8mb4'],
      help: 'The encoding of the connection; always utf8mb4, and accepted because connection strings name it.',
    },
  },
};
