import { fstatSync } from 'node:fs';
import type { Config } from '../config.ts';
import { createLog, type Fields, type Log } from '../telemetry/log.ts';
import type { Io } from './command.ts';

const STANDARD_ERROR = 2;

/** systemd says which stream is its journal, by device and inode: the error stream may lead elsewhere meanwhile. */
function isJournal(stream: string | undefined): boolean {
  const { dev, ino } = fstatSync(STANDARD_ERROR, { bigint: true });
  return stream === `${dev}:${ino}`;
}

/** The log on the error stream. */
export function serveLog(
  { LOG_LEVEL, LOG_PRIORITY }: Pick<Config, 'LOG_LEVEL' | 'LOG_PRIORITY'>,
  io: Io,
  fields: Fields = {},
): Log {
  const hasPriority = LOG_PRIORITY === 'on' || (LOG_PRIORITY === 'auto' && isJournal(io.env.JOURNAL_STREAM));
  return createLog(LOG_LEVEL, (line) => io.err(line), { hasPriority, fields });
}
