/** Whether an error has one of these codes of the system, such as `ENOENT`. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && codes.includes(code);
}

/** The disk, or the user's part of it, is full. */
export const FULL = ['ENOSPC', 'EDQUOT'] as const;
/** This user may not, or nobody may. */
export const CLOSED = ['EACCES', 'EPERM', 'EROFS'] as const;
/** No descriptor is left, of the process or of the system. */
export const USED_UP = ['EMFILE', 'ENFILE'] as const;
