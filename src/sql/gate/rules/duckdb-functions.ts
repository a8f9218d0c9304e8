import { names } from '../token-rules.ts';

/**
 * What SQL over datasets may call. Not on the list: what reaches beyond the statement, what has crashed DuckDB 1.5.6 on hostile input
 * (json_structure, json_contains, list_select), what takes quadratic time within one value and cannot be interrupted
 * (damerau_levenshtein, editdist3, json_pretty), what takes a structure or a size from data (from_json, json_transform, list_resize,
 * bitstring), and macros that copy their arguments without need (fmod, round_even).
 */
export const SCALARS = names(`
  abs acos acosh asin asinh atan atan2 atanh bit_count cbrt ceil ceiling cos cosh cot degrees even exp factorial floor
  gamma gcd greatest greatest_common_divisor isfinite isinf isnan lcm least least_common_multiple lgamma ln log log10
  log2 nextafter pi pow power radians random round sign signbit sin sinh sqrt tan tanh trunc xor add subtract multiply
  divide mod ascii bar bin bit_length chr concat concat_ws contains ends_with suffix prefix format format_bytes
  from_base64 from_hex hamming hash hex instr position strpos jaccard jaro_similarity jaro_winkler_similarity lcase
  left left_grapheme len length length_grapheme levenshtein lower lpad ltrim md5 md5_number nfc_normalize ord printf
  regexp_escape regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace
  regexp_split_to_array repeat replace reverse right right_grapheme rpad rtrim sha1 sha256 split split_part
  starts_with str_split str_split_regex string_split string_split_regex string_to_array strip_accents strlen substr
  substring substring_grapheme to_base base64 to_base64 to_hex translate trim ucase unhex unicode upper url_decode
  url_encode overlay initcap encode decode age century current_date current_time current_timestamp today now
  get_current_time get_current_timestamp date_add date_diff datediff date_part datepart date_sub datesub date_trunc
  datetrunc day dayname dayofmonth dayofweek dayofyear decade epoch epoch_ms epoch_ns epoch_us era extract hour isodow
  isoyear last_day julian make_date make_time make_timestamp make_timestamp_ms make_timestamp_ns make_timestamptz
  microsecond millennium millisecond minute month monthname nanosecond quarter second strftime strptime try_strptime
  time_bucket timezone timezone_hour timezone_minute to_centuries to_days to_decades to_hours to_microseconds
  to_millennia to_milliseconds to_minutes to_months to_quarters to_seconds to_timestamp to_weeks to_years
  transaction_timestamp week weekday weekofyear year yearweek localtime localtimestamp coalesce ifnull nullif if iif
  nvl constant_or_null cast try_cast typeof try isnull notnull array_agg array_aggregate array_append array_apply
  array_cat array_concat array_contains array_distinct array_extract array_filter array_has array_has_all
  array_has_any array_indexof array_intersect array_length array_position array_prepend array_push_back
  array_push_front array_reduce array_reverse array_slice array_sort array_to_string array_transform array_unique
  array_value array_zip array_cosine_similarity array_cosine_distance array_cross_product array_distance
  array_inner_product cardinality element_at filter flatten list_aggr list_aggregate list_any_value list_append
  list_apply list_approx_count_distinct list_avg list_bit_and list_bit_or list_bit_xor list_bool_and list_bool_or
  list_cat list_concat list_contains list_count list_cosine_similarity list_distance list_distinct list_element
  list_extract list_filter list_first list_grade_up list_has list_has_all list_has_any list_histogram list_indexof
  list_inner_product list_intersect list_last list_max list_median list_min list_mode list_pack list_position
  list_prepend list_product list_reduce list_reverse list_reverse_sort list_slice list_sort list_stddev_pop
  list_stddev_samp list_string_agg list_sum list_transform list_unique list_value list_var_pop list_var_samp list_zip
  apply reduce generate_series range unnest map map_concat map_contains map_contains_entry map_contains_value
  map_entries map_extract map_extract_value map_from_entries map_keys map_values row struct_extract struct_pack
  array_to_json json json_array json_array_length json_exists json_extract json_extract_path json_extract_path_text
  json_extract_string json_group_array json_group_object json_keys json_object json_type json_valid json_value
  row_to_json to_json columns grouping grouping_id uuid gen_random_uuid uuidv4 uuidv7
`);

export const AGGREGATES = names(`
  any_value approx_count_distinct approx_quantile arbitrary arg_max arg_max_null arg_min arg_min_null argmax argmin
  avg bit_and bit_or bit_xor bool_and bool_or corr count count_if count_star countif covar_pop covar_samp entropy favg
  first fsum group_concat geomean geometric_mean histogram histogram_exact kahan_sum kurtosis kurtosis_pop last list
  listagg mad max max_by mean median min min_by mode product quantile quantile_cont quantile_disc percentile_cont
  percentile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy sem
  skewness stddev stddev_pop stddev_samp string_agg sum sum_no_overflow sumkahan var_pop var_samp variance
  weighted_avg wavg cume_dist dense_rank fill first_value lag last_value lead nth_value ntile percent_rank rank
  rank_dense row_number
`);
