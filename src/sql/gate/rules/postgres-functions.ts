import type { AllowList } from '../allow-list.ts';
import { names } from '../token-rules.ts';

/** Pure built-ins of PostgreSQL that reports need: no files, settings, locks, catalogs, other sessions or text run as SQL. */
const FUNCTIONS = names(`
  abs acos acosd asin asind atan atan2 atan2d atand cbrt ceil ceiling cos cosd cosh cot cotd acosh asinh atanh degrees div exp
  factorial floor gcd lcm ln log log10 min_scale mod pi pow power radians random round scale sign sin sind sinh sqrt tan tand tanh
  trim_scale trunc width_bucket erf erfc gamma lgamma random_normal
  ascii bit_count bit_length btrim char_length character_length chr concat concat_ws convert_from convert_to decode encode format
  get_bit get_byte initcap left length lower lpad ltrim md5 normalize octet_length overlay parse_ident position quote_ident
  quote_literal quote_nullable regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace
  regexp_split_to_array regexp_split_to_table regexp_substr repeat replace reverse right rpad rtrim set_bit set_byte sha224 sha256
  sha384 sha512 split_part starts_with string_to_array string_to_table strpos substr substring to_ascii to_hex to_bin to_oct
  translate trim unistr upper casefold crc32 crc32c
  age clock_timestamp current_date current_time current_timestamp date_add date_bin date_part date_subtract date_trunc extract
  isfinite justify_days justify_hours justify_interval localtime localtimestamp make_date make_interval make_time make_timestamp
  make_timestamptz now statement_timestamp timeofday timezone to_char to_date to_number to_timestamp transaction_timestamp
  overlaps
  coalesce greatest least nullif num_nonnulls num_nulls
  array_agg array_append array_cat array_dims array_fill array_length array_lower array_ndims array_position array_positions
  array_prepend array_remove array_replace array_reverse array_sample array_shuffle array_sort array_to_string array_upper
  cardinality trim_array unnest generate_series generate_subscripts
  isempty lower_inc lower_inf upper_inc upper_inf range_merge range_agg range_intersect_agg int4range int8range numrange tsrange
  tstzrange daterange int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange multirange
  array_to_json json_agg json_agg_strict json_array json_array_elements json_array_elements_text json_array_length json_arrayagg
  json_build_array json_build_object json_each json_each_text json_exists json_extract_path json_extract_path_text json_object
  json_object_agg json_object_agg_strict json_object_agg_unique json_object_keys json_objectagg json_populate_record
  json_populate_recordset json_query json_scalar json_serialize json_strip_nulls json_table json_to_record json_to_recordset
  json_typeof json_value jsonb_agg jsonb_agg_strict jsonb_array_elements jsonb_array_elements_text jsonb_array_length
  jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_insert
  jsonb_object jsonb_object_agg jsonb_object_agg_strict jsonb_object_keys jsonb_path_exists jsonb_path_match jsonb_path_query
  jsonb_path_query_array jsonb_path_query_first jsonb_path_query_tz jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls
  jsonb_to_record jsonb_to_recordset jsonb_typeof row_to_json to_json to_jsonb
  any_value avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp every grouping max min mode
  percentile_cont percentile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy
  stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance
  cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
  abbrev broadcast family host hostmask inet_merge inet_same_family masklen netmask network set_masklen text
  area center diagonal diameter height isclosed isopen npoints pclose popen radius slope width box circle line lseg path point
  polygon bound_box
  array_to_tsvector numnode plainto_tsquery phraseto_tsquery querytree setweight strip to_tsquery
  to_tsvector ts_delete ts_filter ts_headline ts_rank ts_rank_cd tsquery_phrase tsvector_to_array websearch_to_tsquery
  json_to_tsvector jsonb_to_tsvector
  gen_random_uuid uuid_extract_timestamp uuid_extract_version uuidv4 uuidv7 enum_first enum_last enum_range
  pg_typeof pg_size_pretty pg_size_bytes pg_column_size pg_input_is_valid`);

/** Reserved words, and types that may be written before a parenthesis. */
const CLAUSES = names(`
  select from where having window values with as in not and or any all some exists between when then else case on using order
  group limit offset union except intersect distinct array lateral cast collate row like ilike join to for only rollup cube
  bigint bit boolean char character dec decimal float int integer interval nchar numeric precision real smallint time timestamp
  varchar varying varbit bpchar date timestamptz timetz int2 int4 int8 float4 float8 bool json jsonb uuid bytea`);

export const POSTGRES_FUNCTIONS: AllowList = {
  functions: FUNCTIONS,
  clauses: CLAUSES,
  clausesAfter: {
    filter: names(')'),
    over: names(') nulls'),
    sets: names('grouping'),
    materialized: names('as not'),
    zone: names('time'),
    by: names('group order partition'),
    columns: new Set(['']),
    repeatable: names(')'),
    bernoulli: names('tablesample'),
    system: names('tablesample'),
  },
  quotesKeepCase: true,
};
