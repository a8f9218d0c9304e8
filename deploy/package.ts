import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import packageJson from '../package.json';
import { COMMANDS } from '../src/cli/commands.ts';
import { SHELLS } from '../src/cli/completion-scripts.ts';
import { describeAll } from '../src/cli/described.ts';
import { envExample } from './docs-settings.ts';
import { ROOT } from './sources.ts';

/** Debian's names of the processors that the program is built for. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

const UNITS = ['reporting-api.service', 'reporting-api@.service'];
/** What an administrator copies from, and the guide names. */
const TEMPLATES = [
  'DEPLOY.md',
  'nginx-reporting-api.conf',
  'reporting-api-cluster.service',
  'prometheus-rules.yml',
  'grafana-dashboard.json',
];
const DOCUMENTS = ['README.md', 'CHANGELOG.md', 'deploy/DEPLOY.md'];
/** Where each shell looks for completions. */
const COMPLETIONS = {
  bash: 'usr/share/bash-completion/completions/reporting-api',
  zsh: 'usr/share/zsh/vendor-completions/_reporting-api',
  fish: 'usr/share/fish/vendor_completions.d/reporting-api.fish',
} as const;

/** zsh runs an installed file as the completion itself. */
const asInstalled = {
  bash: (script: string) => script,
  zsh: (script: string) => `#compdef reporting-api\n${script}_reporting_api "$@"\n`,
  fish: (script: string) => script,
};

function control(architecture: string, installedKiB: number): string {
  return `Package: reporting-api
Version: ${packageJson.version}
Section: database
Priority: optional
Architecture: ${architecture}
Depends: libc6 (>= 2.31), libgcc-s1, libstdc++6, passwd
Suggests: nginx
Installed-Size: ${installedKiB}
Maintainer: Reporting API <root@localhost>
Description: ${packageJson.description}
 Pivots with right totals over uploaded data and databases, as one program
 under systemd. Settings stand in /etc/reporting/reporting-api.env.
`;
}

/** Makes the Debian package of a built program. Throws what dpkg-deb says when it fails. */
export async function buildPackage(binary: string, outfile: string, architecture: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  const put = (path: string, mode: number, text: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    chmodSync(join(folder, path), mode);
  };
  const source = (path: string) => Bun.file(join(ROOT, 'deploy', path)).text();
  try {
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'opt/reporting-api'), { recursive: true });
    cpSync(binary, join(folder, 'opt/reporting-api/reporting-api'));
    chmodSync(join(folder, 'opt/reporting-api/reporting-api'), 0o755);
    put('opt/reporting-api/as-service', 0o755, await source('as-service'));
    put('usr/bin/reporting-api', 0o755, await source('on-path'));
    for (const file of TEMPLATES) put(`opt/reporting-api/${file}`, 0o644, await source(file));
    for (const file of DOCUMENTS)
      put(`usr/share/doc/reporting-api/${basename(file)}`, 0o644, await source(`../${file}`));
    const described = await describeAll(COMMANDS);
    for (const shell of ['bash', 'zsh', 'fish'] as const)
      put(COMPLETIONS[shell], 0o644, asInstalled[shell](SHELLS[shell](described)));
    // The secret that the package makes is in a file of its own: dpkg compares the settings with its own.
    put('etc/reporting/reporting-api.env', 0o640, envExample().replace(/^SECRET_KEY=.*$/m, '#SECRET_KEY='));
    for (const unit of UNITS) put(`usr/lib/systemd/system/${unit}`, 0o644, await source(unit));
    const notices = await Promise.all(['LICENSE', 'THIRD_PARTY.md'].map((path) => source(`../${path}`)));
    put('usr/share/doc/reporting-api/copyright', 0o644, notices.join('\n'));
    put('usr/share/man/man1/reporting-api.1.gz', 0o644, Bun.gzipSync(await source('reporting-api.1')));
    for (const script of ['postinst', 'prerm', 'postrm'])
      put(`DEBIAN/${script}`, 0o755, await source(`debian/${script}`));
    put('DEBIAN/conffiles', 0o644, '/etc/reporting/reporting-api.env\n');
    put('DEBIAN/control', 0o644, control(architecture, Math.ceil(Bun.file(binary).size / 1024)));
    mkdirSync(dirname(outfile), { recursive: true });
    const run = Bun.spawnSync(
      ['dpkg-deb', '--build', '--root-owner-group', '-Zgzip', '-z1', folder, outfile],
      {
        stdout: 'pipe',
        stderr: 'pipe',
      },
    );
    if (!run.success) throw new Error(`dpkg-deb: ${run.stdout}${run.stderr}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { binary: { type: 'string' }, arch: { type: 'string', default: 'x64' } },
  });
  const architecture = ARCHITECTURES[values.arch];
  if (!architecture) throw new Error(`--arch must be one of ${Object.keys(ARCHITECTURES).join(', ')}`);
  const usual = values.arch === 'x64' ? 'dist/reporting-api' : `dist/reporting-api-linux-${values.arch}`;
  const binary = resolve(values.binary ?? join(ROOT, usual));
  if (!existsSync(binary)) throw new Error(`${binary} is not there: build it first`);
  const outfile = join(ROOT, `dist/reporting-api_${packageJson.version}_${architecture}.deb`);
  await buildPackage(binary, outfile, architecture);
  process.stdout.write(`${outfile}\n`);
}
