import { expect, test } from 'bun:test';
import { AppError } from '../../../../src/base/errors.ts';
import type { SourceEngine } from '../../../../src/domain/datasource.ts';
import { checkSelect } from '../../../../src/sql/gate/check-select.ts';
import '../../../support/hostile/corpus.ts';

/** Places where a statement may read a table; T stands for it. */
const TABLE_FORMS = [
  'select * from only T',
  'select (select 1 from T limit 1) as x',
  'select * from orders join T on true',
  'select * from orders, lateral (select * from T) x',
  'select a.* from orders, T a',
  'select * from T as t(a, b)',
  'select exists(select 1 from T)',
  'select 1 from ((orders cross join T))',
  'with x as (select 1 as a union all select 1 from T) select * from x',
  'with recursive x as (select 1 as a union all select 1 from T) select * from x',
  'select 1 order by (select 1 from T)',
  'select 1 limit (select count(*) from T)',
  'select sum(1) over (order by (select count(*) from T))',
  'select case when exists (select 1 from T) then 1 end',
  'select 1 = any (select 1 from T)',
  '(select 1) union all (select 1 from T)',
  'select 1 having (select 1 from T) = 1',
  'values ((select 1 from T))',
  'select 1 from orders o left join T t using (id)',
  'select 1 from orders natural join T',
  'select 1 as a from orders window w as (order by (select 1 from T))',
];

const TABLES: Readonly<Record<SourceEngine, readonly string[]>> = {
  postgres: [
    'pg_class',
    '"pg_class"',
    'pg_catalog.pg_proc',
    'Information_Schema.columns',
    'public.pg_stat_statements',
  ],
  mysql: ['mysql.user', '`mysql`.`user`', 'sys.session', 'information_schema.tables', 'mysql./**/user'],
  mssql: [
    'sys.tables',
    '[sys].[tables]',
    'INFORMATION_SCHEMA.TABLES',
    'dbo.sysobjects',
    'sysobjects',
    'master..sysobjects',
  ],
};

/** Places where a statement may call a function; F stands for it. */
const CALL_FORMS = [
  "select F('a')",
  "select * from F('a')",
  "select F /**/ ('a')",
  "select F('a') over ()",
  "select F(distinct 'a')",
  "with F(a) as (select 1) select F('a')",
  'with F(a) as (select 1) select F(a) from F',
  'with F(a) as (select 1) select 1, F(a) from F',
  'select 1, not F(a) from (select 1) as F(a)',
  "select (F('a')).x",
  "select 1 order by F('a')",
  'select 1 from orders join F(1) on true',
  'select case when F(1) then 1 end',
  'with x(a) as (select F(1)) select 1',
  'select coalesce(F(1), 2)',
];

const CALLS: Readonly<Record<SourceEngine, readonly string[]>> = {
  postgres: [
    'pg_sleep',
    'set_config',
    'query_to_xml',
    'lo_get',
    'net_price',
    '"Lower"',
    'sales.net_price',
    'lówer',
    'similarity',
  ],
  mysql: [
    'sleep',
    'load_file',
    'user',
    'version',
    'net_price',
    '`net_price`',
    'shop.net_price',
    'lówer',
    'get_lock',
  ],
  mssql: [
    'user_name',
    'object_definition',
    'dbo.net_price',
    '[dbo].[net_price]',
    'has_perms_by_name',
    'lówer',
    'db_name',
  ],
};

function outcome(text: string, engine: SourceEngine): string {
  try {
    checkSelect(text, engine);
    return 'accepted';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

test.each(['postgres', 'mysql', 'mssql'] as const)(
  '%s: no place of a statement hides a table or a call',
  (engine) => {
    const texts = [
      ...TABLES[engine].flatMap((table) => TABLE_FORMS.map((form) => form.replaceAll('T', table))),
      ...CALLS[engine].flatMap((call) => CALL_FORMS.map((form) => form.replaceAll('F', call))),
    ];
    expect(texts.filter((text) => !/^query\.(?:refused|syntax)$/.test(outcome(text, engine)))).toEqual([]);
  },
);

test('a listed function passes in the spelling and schema that are listed', () => {
  const passes = (text: string) =>
    checkSelect(text, 'postgres', { functions: ['sales.net_price', 'similarity', 'Net_Price'] }).text;
  for (const text of [
    'select sales.net_price(1)',
    'select similarity(a, b) from t',
    'select "Net_Price"(1)',
    'select SIMILARITY(a, b) from t',
  ])
    expect(passes(text)).toBe(text);
  for (const text of [
    'select other.net_price(1)',
    'select "SIMILARITY"(1)',
    'select sales."Net_Price"(1)',
    'select a.sales.net_price(1)',
  ])
    expect(() => passes(text)).toThrow('not allowed');
});
