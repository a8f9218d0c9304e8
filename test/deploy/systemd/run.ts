import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPackage } from '../../../deploy/package.ts';
import packageJson from '../../../package.json';
import { builtBinary } from '../../binary/shipped.ts';
import { runProgram } from '../../support/server-process.ts';
import { CHECKOUT } from './bed.ts';
import { makeDebian } from './debian.ts';

/*
 * bun test/deploy/systemd/run.ts [--suite=stable] [--base=FOLDER]
 * The units, the installer and the package under a real systemd: a small Debian (by debootstrap) whose systemd is process 1 of namespaces of
 * its own, so that nothing of this machine is touched. As root, on Linux with cgroup2. FOLDER keeps the Debian for the next time.
 */

const ROOT = join(import.meta.dir, '../../..');

function mustBeAble(): void {
  const missing = ['debootstrap', 'unshare', 'nsenter', 'dpkg-deb'].filter((name) => !Bun.which(name));
  if (process.getuid?.() !== 0) throw new Error('run it as root');
  if (missing.length > 0) throw new Error(`not installed: ${missing.join(', ')}`);
}

/** A root folder with a checkout in it. */
async function makeRoot(root: string, base: string): Promise<void> {
  runProgram(['cp', '-a', '--reflink=auto', base, root]);
  writeFileSync(join(root, 'etc/hostname'), 'reports\n');
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost reports\n');
  const checkout = join(root, CHECKOUT);
  runProgram(['mkdir', '-p', join(checkout, 'dist')]);
  const binary = builtBinary();
  runProgram(['cp', '-a', join(ROOT, 'deploy'), checkout]);
  runProgram(['cp', binary, join(checkout, 'dist/reporting-api')]);
  await buildPackage(binary, join(checkout, `dist/reporting-api_${packageJson.version}_amd64.deb`), 'amd64');
}

mustBeAble();
const { values } = parseArgs({
  options: { suite: { type: 'string', default: 'stable' }, base: { type: 'string' } },
});
const folder = mkdtempSync(join(tmpdir(), 'systemd-'));
let code = 1;
try {
  const base = resolve(values.base ?? join(folder, 'base'));
  if (!existsSync(base)) makeDebian(base, values.suite);
  await makeRoot(join(folder, 'root'), base);
  const inside = Bun.spawn(
    ['unshare', '--net', '--mount', process.execPath, join(import.meta.dir, 'inside.ts'), folder],
    { stdin: 'ignore', stdout: 'inherit', stderr: 'inherit' },
  );
  code = await inside.exited;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(code);
