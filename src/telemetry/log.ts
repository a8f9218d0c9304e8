export const LEVELS = ['debug', 'info', 'warning', 'error', 'critical'] as const;
export type Level = (typeof LEVELS)[number];
export type Fields = Record<string, string | number | boolean | null | undefined>;

/** Writes events, each one JSON line. `event` is a stable dotted name; what varies goes into the fields. */
export interface Log {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warning(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
  critical(event: string, fields?: Fields): void;
}

/** The journal reads these in front of a line (sd-daemon(3)). */
const PRIORITIES: Readonly<Record<Level, string>> = {
  debug: '<7>',
  info: '<6>',
  warning: '<4>',
  error: '<3>',
  critical: '<2>',
};

export interface LogOptions {
  /** Each line begins with its priority. */
  hasPriority?: boolean;
  /** Stand in every line. */
  fields?: Fields;
}

/** `write` takes a whole line with its newline. */
export function createLog(
  minimum: Level,
  write: (line: string) => void,
  { hasPriority = false, fields: always = {} }: LogOptions = {},
): Log {
  const least = LEVELS.indexOf(minimum);
  const at = (level: Level) => {
    if (LEVELS.indexOf(level) < least) return () => undefined;
    const prefix = hasPriority ? PRIORITIES[level] : '';
    return (event: string, fields: Fields = {}) =>
      write(
        `${prefix}${JSON.stringify({ time: new Date().toISOString(), level, event, ...always, ...fields })}\n`,
      );
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warning: at('warning'),
    error: at('error'),
    critical: at('critical'),
  };
}

export const silentLog: Log = createLog('critical', () => undefined);
