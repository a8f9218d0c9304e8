import type { AllowList } from '../allow-list.ts';
import { names } from '../token-rules.ts';

/**
 * Pure built-ins of SQL Server that reports need: no files, other servers, keys, principals, metadata or sessions. `date_part` is the
 * parser's name for DATEPART; the server has no such function.
 */
const FUNCTIONS = names(`
  abs acos asin atan atn2 bit_count ceiling cos cot degrees exp floor get_bit left_shift log log10 pi power radians rand
  right_shift round set_bit sign sin sqrt square tan
  ascii char charindex concat concat_ws difference edit_distance edit_distance_similarity format jaro_winkler_distance
  jaro_winkler_similarity left len lower ltrim nchar patindex quotename regexp_count regexp_instr regexp_like regexp_matches
  regexp_replace regexp_split_to_table regexp_substr replace replicate reverse right rtrim soundex space str string_agg
  string_escape string_split stuff substring translate trim unicode unistr upper datalength base64_decode base64_encode
  current_date current_timestamp current_timezone current_timezone_id date_bucket dateadd datediff datediff_big datefromparts
  datename date_part datepart datetime2fromparts datetimefromparts datetimeoffsetfromparts datetrunc day eomonth getdate getutcdate isdate
  month smalldatetimefromparts switchoffset sysdatetime sysdatetimeoffset sysutcdatetime timefromparts todatetimeoffset year
  choose coalesce greatest iif isnull isnumeric least nullif cast convert parse try_cast try_convert try_parse
  approx_count_distinct approx_percentile_cont approx_percentile_disc avg checksum_agg count count_big grouping grouping_id max
  min product stdev stdevp sum var varp
  cume_dist dense_rank first_value lag last_value lead ntile percent_rank percentile_cont percentile_disc rank row_number
  isjson json_array json_arrayagg json_contains json_modify json_object json_objectagg json_path_exists json_query json_value
  openjson generate_series
  binary_checksum checksum compress decompress hashbytes newid formatmessage
  contains containstable freetext freetexttable vector_distance vector_norm vector_normalize vectorproperty`);

const CLAUSES = names(`
  select from where having window values with as in not and or any all some exists between when then else on order group union
  except intersect distinct top apply join like is by over pivot unpivot option rollup cube index collate for percent using tablesample
  varchar nvarchar varbinary binary nchar decimal dec numeric float real time datetime2 datetimeoffset character national`);

export const MSSQL_FUNCTIONS: AllowList = {
  functions: FUNCTIONS,
  clauses: CLAUSES,
  clausesAfter: {
    sets: names('grouping'),
    system: names('tablesample'),
    repeatable: names(')'),
    next: names('fetch'),
    first: names('fetch'),
    path: names('xml json'),
    root: names(','),
    raw: names('xml'),
    varying: names('character char'),
    columns: new Set(['']),
  },
  quotesKeepCase: false,
};
