import { OPERATORS as ALL_OPERATORS } from '../../domain/filter.ts';
import { BUILT_AGGREGATIONS } from '../../domain/query-spec.ts';

/** Aggregations and operators that a model is told of. */
export const AGGREGATIONS_OF_AI = BUILT_AGGREGATIONS;
export const OPERATORS = ALL_OPERATORS.filter((op) => op !== 'matches');
