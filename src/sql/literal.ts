import { AppError } from '../base/errors.ts';

/** A SQL string literal, for the few texts of our own that cannot be parameters (file paths, checked time zones). */
export function literal(text: string): string {
  if (text.includes('\u0000')) throw new AppError('internal', 'A literal must not hold a NUL character');
  return `'${text.replaceAll("'", "''")}'`;
}
