import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../../package.json';
import { readConfig } from '../../../src/config.ts';
import { Nginx } from '../../deploy/nginx.ts';
import { findCommand } from '../../programs.ts';
import { freePort, runProgram } from '../../support/server-process.ts';
import type { Bed } from './bed.ts';
import type { Shown } from './extract.ts';

const ROOT = join(import.meta.dir, '../../..');
const SETTINGS = 'etc/reporting/reporting-api.env';

/** Commands that are checked alike. `check` throws where one is not right. */
export interface CommandClass {
  name: string;
  matches: RegExp;
  kinds?: readonly Shown['kind'][];
  /** Why it is not run as it stands; absent where it is. */
  notRun?: string;
  check(shown: Shown, bed: Bed): Promise<void> | void;
}

function must(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Error(why);
}

async function mustRun(bed: Bed, text: string, env?: Record<string, string>): Promise<string> {
  const ran = await bed.run(text, env);
  must(ran.code === 0, `exit code ${ran.code}: ${ran.text}`);
  return ran.text;
}

const withoutSudo = (text: string) => text.replace(/\bsudo (?:-u \w+ )?/g, '');

/** The options are read up to --help, which must come before what is no option of the program itself. */
async function mustKnowOptions(bed: Bed, text: string): Promise<void> {
  await mustRun(bed, `${text} --help`);
}

async function checkSystemctl({ text, kind }: Shown, bed: Bed): Promise<void> {
  const [, verb = '', ...rest] = withoutSudo(text).split(/\s+/);
  const known = runProgram(['systemctl', '--help']);
  must(new RegExp(`^  ${verb}\\b`, 'm').test(known), `systemctl has no verb ${verb}`);
  await mustKnowOptions(bed, withoutSudo(text));
  const units = rest.filter((word) => /^[a-z]/.test(word));
  must(kind === 'inline' || verb === 'daemon-reload' || units.length > 0, 'names no unit');
  for (const unit of units) {
    const file = `${unit.replace(/@.*/, '@')}.service`;
    must(unit === 'nginx' || existsSync(bed.place(`etc/systemd/system/${file}`)), `${file} is not there`);
  }
  if (verb === 'enable' || verb === 'disable')
    runProgram(['systemctl', `--root=${bed.root}`, verb, ...units]);
}

async function checkAsService({ text }: Shown, bed: Bed): Promise<void> {
  const script = readFileSync(join(ROOT, 'deploy/as-service'), 'utf8');
  const properties = [...script.matchAll(/--property=(\S+)/g)].map(([, property]) => property);
  const unit = bed.place('transient.service');
  writeFileSync(unit, `[Service]\nExecStart=/bin/true\n${properties.join('\n')}\n`);
  const said = runProgram([findCommand('systemd-analyze')!, 'verify', '--man=no', unit]);
  must(said === '', said);
  const settings = `$(grep -v '^#' ${bed.place(SETTINGS)} | xargs)`;
  const command = text.replace(/^sudo \S+/, '/opt/reporting-api/reporting-api');
  await mustRun(bed, bed.placed(`env ${settings} PORT=0 ${command}`));
}

function postgres(bed: Bed): Record<string, string> {
  const { port, user, password } = bed.postgres;
  return { PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
}

const clients = () => join(findCommand('initdb')!, '..');

/** The curl of a document against the service that runs; it fails where the answer is a failure. */
async function checkCurl({ text }: Shown, bed: Bed): Promise<void> {
  must(bed.url !== '', 'no service was started before');
  const asked = text
    .replace(/^curl (?!-fsS )/, 'curl -fsS ')
    .replace(/(?:http:\/\/)?(?:127\.0\.0\.1|localhost):8000(?=\/)/g, bed.url)
    .replace('127.0.0.1:5432/shop', `127.0.0.1:${bed.postgres.port}/shop`)
    .replace('"key":"…"', '"key":"a-key"')
    .replace('"password":"…"', `"password":"${bed.password}"`);
  const answer = await mustRun(bed, asked);
  must(answer.length > 2, `an empty answer to ${text}`);
}

const SHELL = 'run in a folder that stands for /';
const NO_INIT = 'no systemd is process 1 where tests run';

/** Every command of DEPLOY.md and README.md is in the first class that matches it, in the documents' order. */
export const CLASSES: readonly CommandClass[] = [
  {
    name: 'scripts of package.json',
    matches: /^(?:npx --yes )?bun(?:@[\d.]+)? run /,
    notRun: 'the CI runs build and test by these scripts; a test that ran them would run itself',
    check({ text }) {
      const [, version, script = '', target] =
        /bun(?:@([\d.]+))? run (\S+)(?: --target (\S+))?$/.exec(text) ?? [];
      must(`bun@${version}` === packageJson.packageManager, `another Bun than ${packageJson.packageManager}`);
      must(script === '<script>' || Object.hasOwn(packageJson.scripts, script), `no script ${script}`);
      const build = readFileSync(join(ROOT, 'deploy/bindings.ts'), 'utf8');
      must(target === undefined || build.includes(`'${target}'`), `the build has no target ${target}`);
    },
  },
  {
    name: 'the long tests',
    matches: /^bun test\/(?:load|chaos|deploy\/systemd)\/run\.ts$/,
    notRun: 'it takes minutes',
    check: ({ text }) => must(existsSync(join(ROOT, text.slice('bun '.length))), 'is not there'),
  },
  {
    name: 'dpkg',
    matches: /^sudo dpkg -i /,
    notRun: 'test/deploy/package.test.ts builds, installs and removes the package',
    check: ({ text }) =>
      must(text.endsWith(`dist/reporting-api_${packageJson.version}_amd64.deb`), 'another version or name'),
  },
  {
    name: 'the installer',
    matches: /^sudo deploy\/install\.sh /,
    async check({ text }, bed) {
      await mustRun(bed, text, { DESTDIR: bed.root });
      must(existsSync(bed.place('opt/reporting-api/reporting-api')), 'installed no program');
      await mustRun(bed, 'deploy/install.sh --uninstall --purge', { DESTDIR: bed.root });
    },
  },
  {
    name: 'useradd',
    matches: /^sudo useradd /,
    async check({ text }, bed) {
      await mustRun(bed, text.replace('useradd ', `useradd --prefix ${bed.root} `));
      for (const file of ['passwd', 'group'])
        must(/^reporting:/m.test(readFileSync(bed.place(`etc/${file}`), 'utf8')), `not in ${file}`);
    },
  },
  {
    name: 'the settings in their place',
    matches: /^sudo install .*reporting-api\.env$/,
    async check({ text }, bed) {
      // The user of the service is in the bed's file of users alone.
      await mustRun(bed, bed.placed(text.replace('-o root -g reporting ', '')));
      const path = bed.place(SETTINGS);
      writeFileSync(path, bed.placed(readFileSync(path, 'utf8')));
    },
  },
  {
    name: 'sudoedit',
    matches: /^sudoedit /,
    notRun: 'it opens an editor',
    check: ({ text }, bed) => must(existsSync(bed.placed(text).split(' ')[1]!), 'the file is not there'),
  },
  {
    name: 'serve',
    matches: /^HOST=\S+ PORT=\d+ \S+\/reporting-api serve /,
    async check({ text }, bed) {
      const port = await freePort();
      await bed.serve(bed.placed(text).replace(/PORT=\d+/, `PORT=${port}`), port);
    },
  },
  {
    name: 'curl to an AI provider',
    matches: /^curl [\s\S]*\/api\/ai\/ask /,
    notRun: 'it takes the key of a provider',
    check: () => undefined,
  },
  { name: 'curl', matches: /^curl (?!http\S+$)|^curl http\S+$/, check: checkCurl },
  {
    name: 'as-service',
    matches: /^sudo \/opt\/reporting-api\/as-service \w/,
    notRun: `${NO_INIT}; its properties are verified and what it starts is run`,
    check: checkAsService,
  },
  {
    name: 'systemctl',
    matches: /^(?:sudo )?systemctl /,
    notRun: `${NO_INIT}; enable and disable are run on the folder`,
    check: checkSystemctl,
  },
  {
    name: 'a loop of systemctl',
    matches: /^for port in [\d ]+; do sudo systemctl restart reporting-api@\$port; done$/,
    notRun: NO_INIT,
    check: (_, bed) =>
      must(existsSync(bed.place('etc/systemd/system/reporting-api@.service')), 'no template'),
  },
  {
    name: 'journalctl',
    matches: /^journalctl /,
    notRun: 'there is no journal where tests run',
    check: ({ text }, bed) => mustKnowOptions(bed, text),
  },
  {
    name: 'nginx -t',
    matches: /^sudo nginx -t$/,
    async check(_, bed) {
      await using nginx = new Nginx();
      const { code, text } = nginx.check(
        readFileSync(bed.place('etc/nginx/sites-enabled/reporting-api.conf'), 'utf8'),
      );
      must(code === 0, text);
    },
  },
  {
    name: 'certbot',
    matches: /^sudo certbot --nginx -d [\w.]+$/,
    notRun: 'a certificate takes a public name',
    check: () => undefined,
  },
  {
    name: 'promtool',
    matches: /^promtool check rules$/,
    check: async (_, bed) => void (await mustRun(bed, 'promtool check rules deploy/prometheus-rules.yml')),
  },
  {
    name: 'a backup to be restored',
    matches: /^reporting-api restore FILE/,
    notRun: 'its name is of the moment: a backup made now is taken',
    check: checkRestore,
  },
  {
    name: 'the program on the service’s data',
    matches: /^reporting-api /,
    async check({ text }, bed) {
      await mustRun(bed, text, {
        ...dataOf(bed),
        SECRET_KEY: 'n3w-0123456789abcdefghijklmnopqrstuv',
        SECRET_KEY_PREVIOUS: 'o1d-0123456789abcdefghijklmnopqrstuv',
      });
    },
  },
  {
    name: 'the program of the sources',
    matches: /^npx --yes bun@[\d.]+ src\/main\.ts /,
    async check({ text }, bed) {
      const env = { METADATA_DB_PATH: bed.place('smoke/.data/meta.sqlite') };
      const said = await mustRun(bed, text.replace(/^npx.*main\.ts/, 'reporting-api'), env);
      bed.password = /^Password: (\S+)$/m.exec(said)?.[1] ?? '';
    },
  },
  {
    name: 'MySQL',
    kinds: ['inline'],
    matches: /^CREATE USER /,
    check: ({ text }, bed) => void bed.mariadb.admin(text),
  },
  {
    name: 'PostgreSQL',
    kinds: ['sql', 'inline'],
    matches: /^(?:CREATE|GRANT|ALTER) /,
    check({ text }, bed) {
      for (const statement of text.split(/;\s*/).filter((one) => one !== '')) bed.postgres.admin(statement);
    },
  },
  {
    name: 'dumps of PostgreSQL',
    matches: /^pg_(?:dump|restore) /,
    check: async ({ text }, bed) =>
      void (await mustRun(bed, `PATH=${clients()}:$PATH; ${text}`, postgres(bed))),
  },
  {
    name: 'settings',
    kinds: ['settings'],
    matches: /^/,
    check({ text }) {
      const lines = text.split('\n').filter((line) => !line.startsWith('#'));
      const pairs = lines.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]);
      must(!/\s#/.test(lines.join('\n')), 'systemd takes a comment behind a value as a part of it');
      readConfig({ ...Object.fromEntries(pairs), SECRET_KEY: 'a-test-key-of-more-than-32-characters' });
    },
  },
  {
    name: SHELL,
    matches: /^(?:sudo (?:install|cp|ln|mv|sh -c) |\/opt\/reporting-api\/reporting-api --version$|printf )/,
    check: async ({ text }, bed) => void (await mustRun(bed, bed.placed(text))),
  },
];

const dataOf = (bed: Bed) => ({
  METADATA_DB_PATH: bed.place('var/lib/reporting/meta.sqlite'),
  DUCKDB_PATH: bed.place('var/lib/reporting/local.duckdb'),
});

async function checkRestore({ text }: Shown, bed: Bed): Promise<void> {
  const env = {
    METADATA_DB_PATH: bed.place('restored/meta.sqlite'),
    DUCKDB_PATH: bed.place('restored/local.duckdb'),
  };
  const made = await mustRun(bed, 'reporting-api backup --json', dataOf(bed));
  const { path } = JSON.parse(made.trim().split('\n').at(-1)!) as { path: string };
  await mustRun(bed, `mkdir -p ${bed.place('restored')}; ${text.replace('FILE', path)}`, env);
}
