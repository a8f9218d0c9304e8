import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** A file that the compiled program carries; `sha256` was taken when it was built. */
export interface EmbeddedFile {
  name: string;
  /** Where the program finds its bytes. */
  source: string;
  bytes: number;
  sha256: string;
}

type Env = Record<string, string | undefined>;

/** Folders that may hold the unpacked files, best first: systemd's, the user's, the system's. */
export function cacheBases(env: Env, temporary: string = tmpdir()): string[] {
  const user = process.getuid?.() ?? 0;
  const home = env.HOME;
  return [
    env.CACHE_DIRECTORY?.split(':')[0],
    env.XDG_CACHE_HOME,
    home && join(home, '.cache'),
    env.STATE_DIRECTORY?.split(':')[0],
    join(temporary, `reporting-api-${user}`),
  ].filter((folder): folder is string => folder !== undefined && isAbsolute(folder));
}

/** Nobody but us and root may swap a folder on the way to `path`; a sticky one, such as /tmp, is safe. */
function refuseOpenAncestors(path: string, user: number): void {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { uid, mode } = statSync(folder);
    const isOpen = (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
    if ((uid !== user && uid !== 0) || isOpen) throw new Error(`${folder} can be changed by another user`);
    if (folder === dirname(folder)) return;
  }
}

/** Makes the folder, or takes one that is ours alone. Throws when somebody else could have put files there. */
function claimFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const user = process.getuid?.() ?? 0;
  const { uid } = lstatSync(path);
  if (!lstatSync(path).isDirectory()) throw new Error(`${path} is not a folder`);
  if (uid !== user) throw new Error(`${path} belongs to another user`);
  chmodSync(path, 0o700);
  const real = realpathSync(path);
  refuseOpenAncestors(real, user);
  accessSync(real, constants.W_OK | constants.X_OK);
  return real;
}

function isThere(path: string, file: EmbeddedFile): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === file.bytes && (found.mode & 0o022) === 0;
}

function writeDurably(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, 'wx', 0o500);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function unpackFile(folder: string, file: EmbeddedFile): void {
  const path = join(folder, file.name);
  if (isThere(path, file)) return;
  const bytes = readFileSync(file.source);
  const sha256 = new Bun.CryptoHasher('sha256').update(bytes).digest('hex');
  if (sha256 !== file.sha256) throw new Error(`${file.name} in this program is damaged`);
  const temporary = `${path}.${process.pid}.${crypto.randomUUID()}.tmp`;
  try {
    writeDurably(temporary, bytes);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The program tells such an error by its message alone, as it does errors of the system. */
const failure = (message: string) => Object.assign(new Error(message), { syscall: 'dlopen' });

/** A library of the system that the loader did not find. */
function missingLibrary(reasons: readonly string[], files: readonly EmbeddedFile[]): string | undefined {
  const named = reasons.map((reason) => /(\S+): cannot open shared object file/.exec(reason)?.[1]);
  return named.find((name) => name !== undefined && !files.some((file) => name.endsWith(file.name)));
}

/**
 * Puts the files into a folder `name` of the first base that can hold them, unless they are there, and gives `use` that folder. Goes
 * on with the next base when the folder, or `use`, fails (a file system mounted noexec, for one). Throws with every reason.
 */
export function withUnpacked<T>(
  files: readonly EmbeddedFile[],
  name: string,
  bases: readonly string[],
  use: (folder: string) => T,
): T {
  const reasons: string[] = [];
  for (const base of bases) {
    try {
      const folder = claimFolder(join(base, name));
      for (const file of files) unpackFile(folder, file);
      return use(folder);
    } catch (error) {
      reasons.push(`${base}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const missing = missingLibrary(reasons, files);
  if (missing !== undefined)
    throw failure(
      `DuckDB needs ${missing}, which this machine does not have: install libstdc++6 (Debian, Ubuntu) or libstdc++ (Fedora, RHEL)`,
    );
  throw failure(
    `DuckDB could not be unpacked; set XDG_CACHE_HOME to a folder of this user. Tried:\n  ${reasons.join('\n  ')}`,
  );
}
