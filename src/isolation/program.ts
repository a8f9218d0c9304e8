import { join } from 'node:path';

export const ENGINE_COMMAND = 'engine';

/** What starts an engine process: the compiled file itself, or Bun with an entry next to this file. */
export function engineCommand(): string[] {
  const isCompiled = import.meta.url.startsWith('file:///$bunfs/');
  return [process.execPath, isCompiled ? ENGINE_COMMAND : join(import.meta.dir, 'engine.ts')];
}

/** What an engine process needs of the environment: where files are unpacked and which certificates are trusted. Nothing secret. */
const NEEDED = [
  'PATH',
  'HOME',
  'LANG',
  'TZ',
  'TMPDIR',
  'XDG_CACHE_HOME',
  'CACHE_DIRECTORY',
  'STATE_DIRECTORY',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
] as const;

/** The runtime's pool has as many threads as statements may hang in it at once, and some that go on. */
const SPARE_THREADS = 8;

export function engineEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  statements: number,
): Record<string, string> {
  const kept: Record<string, string> = { UV_THREADPOOL_SIZE: String(statements + SPARE_THREADS) };
  for (const name of NEEDED) if (env[name] !== undefined) kept[name] = env[name];
  return kept;
}
