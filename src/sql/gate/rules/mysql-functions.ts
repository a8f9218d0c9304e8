import type { AllowList } from '../allow-list.ts';
import { names } from '../token-rules.ts';

/** Pure built-ins of MySQL and MariaDB that reports need: no files, locks, waits, sessions, accounts or text run as SQL. */
const FUNCTIONS = names(`
  abs acos asin atan atan2 bit_count ceil ceiling conv cos cot crc32 crc32c degrees exp floor ln log log10 log2 mod oct pi pow power
  radians rand round sign sin sqrt tan truncate bin
  ascii bit_length char char_length character_length chr concat concat_ws elt export_set field find_in_set format format_bytes
  from_base64 hex initcap insert instr lcase left length lengthb locate lower lpad ltrim make_set mid natural_sort_key octet_length
  ord position quote regexp_instr regexp_like regexp_replace regexp_substr repeat replace reverse right rpad rtrim sformat
  soundex space strcmp substr substring substring_index to_base64 to_char translate trim ucase unhex upper weight_string
  adddate add_months addtime convert_tz curdate current_date current_time current_timestamp curtime date date_add date_format
  date_sub datediff day dayname dayofmonth dayofweek dayofyear extract from_days from_unixtime get_format hour last_day localtime
  localtimestamp makedate maketime microsecond minute month monthname now period_add period_diff quarter sec_to_time second
  str_to_date subdate subtime sysdate time time_format time_to_sec timediff timestamp timestampadd timestampdiff to_days to_number
  to_seconds unix_timestamp utc_date utc_time utc_timestamp week weekday weekofyear year yearweek to_date months_between
  date_trunc days_add days_sub months_add months_sub years_add years_sub weeks_add weeks_sub hours_add hours_sub
  coalesce greatest if ifnull interval isnull least nullif nvl nvl2 decode_oracle case cast convert decode
  avg bit_and bit_or bit_xor count group_concat json_arrayagg json_objectagg max min std stddev stddev_pop stddev_samp string_agg
  sum var_pop var_samp variance any_value grouping approx_count_distinct approx_percentile median percentile_cont
  percentile_disc bitmap_union_count ndv
  cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
  json_array json_array_append json_array_insert json_array_intersect json_compact json_contains json_contains_path json_depth
  json_detailed json_equals json_exists json_extract json_insert json_key_value json_keys json_length json_loose json_merge
  json_merge_patch json_merge_preserve json_normalize json_object json_object_filter_keys json_object_to_array json_overlaps
  json_overlap json_pretty json_query json_quote json_remove json_replace json_schema_valid json_search json_set
  json_storage_size json_table json_type json_unquote json_valid json_value member
  aes_decrypt aes_encrypt compress md5 sha sha1 sha2 uncompress uncompressed_length uuid uuid_short uuid_to_bin
  bin_to_uuid is_uuid inet6_aton inet6_ntoa inet_aton inet_ntoa is_ipv4 is_ipv4_compat is_ipv4_mapped is_ipv6
  match collation charset coercibility
  area st_area st_asgeojson st_astext st_aswkt st_asbinary st_aswkb st_buffer st_centroid st_contains st_convexhull st_crosses
  st_difference st_dimension st_disjoint st_distance st_distance_sphere st_endpoint st_envelope st_equals st_exteriorring
  st_geohash st_geomfromgeojson st_geomfromtext st_geomfromwkb st_geometryn st_geometrytype st_interiorringn st_intersection
  st_intersects st_isclosed st_isempty st_isring st_issimple st_isvalid st_latfromgeohash st_latitude st_length
  st_longfromgeohash st_longitude st_numgeometries st_numinteriorrings st_numpoints st_overlaps st_pointfromgeohash
  st_pointfromtext st_pointn st_simplify st_srid st_startpoint st_swapxy st_symdifference st_touches st_transform st_union
  st_validate st_within st_x st_y mbrcontains mbrcoveredby mbrcovers mbrdisjoint mbrequals mbrintersects mbroverlaps mbrtouches
  mbrwithin geometrycollection linestring multilinestring multipoint multipolygon point polygon
  vec_distance vec_distance_cosine vec_distance_euclidean vec_fromtext vec_totext`);

const CLAUSES = names(`
  select from where having window values value with as in not and or any all some exists between when then else on using order
  group limit offset union except intersect distinct distinctrow lateral row like rlike regexp xor div is join left right inner
  outer cross natural straight_join to for by key index over partition collate binary
  bit boolean character dec decimal double enum fixed float int integer bigint mediumint smallint tinyint nchar numeric nvarchar
  real set text varbinary varchar datetime blob`);

export const MYSQL_FUNCTIONS: AllowList = {
  functions: FUNCTIONS,
  clauses: CLAUSES,
  clausesAfter: {
    columns: new Set(['']),
    against: names(')'),
    of: names('member'),
    rollup: names('by with ,'),
    cube: names('by with ,'),
    sets: names('grouping'),
  },
  quotesKeepCase: false,
};
