import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Below the ports that systems give to outgoing connections, of which one could take the port before its server does. */
const FIRST_PORT = 15_000;
const PORTS = 15_000;

function isFree(port: number): Promise<boolean> {
  const listener = createServer();
  return new Promise((resolve, reject) => {
    listener.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    listener.listen(port, '127.0.0.1', () => listener.close(() => resolve(true)));
  });
}

/** A port that was free a moment ago, for servers that cannot be told to choose one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (await isFree(port)) return port;
  }
}

/** A folder in the system's temp folder, and its removal. */
export async function tempFolder(prefix: string) {
  const path = await mkdtemp(join(tmpdir(), prefix));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Runs a program to its end; throws what it printed when it fails. */
export function runProgram(command: string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
  const run = Bun.spawnSync(command, { ...options, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  if (!run.success) throw new Error(`${command.join(' ')}: ${run.stdout}${run.stderr}`);
  return run.stdout.toString();
}

/** As `runProgram`, without keeping this thread from its work. */
export async function runProgramSoon(
  command: string[],
  options: { env?: Record<string, string> } = {},
): Promise<string> {
  const run = Bun.spawn(command, { ...options, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  const [out, error] = await Promise.all([new Response(run.stdout).text(), new Response(run.stderr).text()]);
  if ((await run.exited) !== 0) throw new Error(`${command.join(' ')}: ${out}${error}`);
  return out;
}

/** The command as the given user where the tests run as root, which database servers refuse to run as. */
export function asUser(user: string, command: string[]): string[] {
  return process.getuid?.() === 0 ? ['runuser', '-u', user, '--', ...command] : command;
}

/** Gives a folder to the user that `asUser` will run as. */
export function giveTo(user: string, path: string): void {
  if (process.getuid?.() === 0) runProgram(['chown', '-R', user, path]);
}

/** Waits until `ready` gives true; throws with the server's own words when it ended meanwhile, or after `timeoutMs`. */
export async function untilReady(
  child: Bun.Subprocess,
  ready: () => Promise<boolean>,
  log: () => Promise<string>,
  timeoutMs = 60_000,
): Promise<void> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await Bun.sleep(25)) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}: ${await log()}`);
    if (await ready()) return;
  }
  throw new Error(`the server was not ready in time: ${await log()}`);
}

/** Where a program is: the PATH, then the usual folders. */
export function findProgram(name: string, ...folders: string[]): string {
  const found = Bun.which(name, { PATH: [process.env.PATH, '/usr/sbin', ...folders].join(':') });
  if (!found) throw new Error(`${name} is not installed`);
  return found;
}

/** A certificate authority of its own and a certificate for `localhost` and 127.0.0.1 that it signed. */
export function makeCertificates(folder: string) {
  const openssl = (...args: string[]) => runProgram(['openssl', ...args], { cwd: folder });
  openssl(
    ...'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Test-CA -keyout ca.key -out ca.crt'.split(' '),
  );
  openssl(
    ...'req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr -addext'.split(
      ' ',
    ),
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
  );
  openssl(
    ...'x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out server.crt'.split(
      ' ',
    ),
  );
  return {
    authority: join(folder, 'ca.crt'),
    certificate: join(folder, 'server.crt'),
    key: join(folder, 'server.key'),
  };
}
