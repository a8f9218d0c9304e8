import type { DatasourceSettings } from '../domain/datasource.ts';

const SIZE = 5;
const MAX_OVERFLOW = 10;
const TIMEOUT_S = 30;

/** The pool's settings, with the defaults that users of SQLAlchemy know. */
export const poolLimits = ({ pool }: DatasourceSettings) => ({
  size: pool?.size ?? SIZE,
  maxOverflow: pool?.maxOverflow ?? MAX_OVERFLOW,
  waitMs: (pool?.timeoutS ?? TIMEOUT_S) * 1000,
});
