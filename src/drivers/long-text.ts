import { AppError } from '../base/errors.ts';
import { FIELD_BYTES, TOO_LONG } from '../domain/long-text.ts';

/** The error of a text too long for an expression that lengthens it, as each engine is made to raise it; undefined for any other. */
export function longTextError(error: unknown): AppError | undefined {
  if (!(error instanceof Error) || !error.message.includes(TOO_LONG)) return undefined;
  return new AppError(
    'limit.bytes',
    `A text of the data has more than ${FIELD_BYTES} characters, and the expression would lengthen it; cut it with left(x, ${FIELD_BYTES / 4})`,
    { params: { limit: TOO_LONG, most: FIELD_BYTES }, cause: error },
  );
}
