import { AppError } from '../base/errors.ts';

/** One row of a database may have a fourth of QUERY_MAX_BYTES: on its way to the answer it is held about four times. */
export const ROW_SHARE = 4;

export const rowTooLarge = (maxRowBytes: number) =>
  new AppError(
    'limit.bytes',
    `A row of the database has more than ${maxRowBytes.toLocaleString('en')} bytes, a fourth of QUERY_MAX_BYTES; select fewer or shorter values, or ask an admin to raise QUERY_MAX_BYTES`,
    { params: { limit: 'QUERY_MAX_BYTES', maxRowBytes } },
  );
