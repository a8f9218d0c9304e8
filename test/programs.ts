import { existsSync } from 'node:fs';
import { Glob } from 'bun';

/** A program that some tests run for real, and the Debian package that has it. */
export interface Program {
  name: string;
  command: string;
  debianPackage: string;
  /** The test files that need it. */
  tests: readonly string[];
}

/** Test files that compare both database servers. */
const BOTH_SERVERS = [
  'test/docs/commands.test.ts',
  'test/equality/equality.test.ts',
  'test/equality/models.test.ts',
  'test/equality/expressions.test.ts',
  'test/equality/long-texts.test.ts',
  'test/equality/indexes.test.ts',
  'test/equality/native-columns.test.ts',
  'test/equality/pivots.test.ts',
  'test/golden/golden.test.ts',
  'test/http/datasource-queries.test.ts',
  'test/sync/increments.test.ts',
  'test/sync/values.test.ts',
  'test/http/ai-comments.test.ts',
  'test/http/allowed-functions.test.ts',
  'test/http/changed-columns.test.ts',
  'test/http/database-messages.test.ts',
  'test/http/database-values.test.ts',
  'test/http/login-rights.test.ts',
  'test/http/model-databases.test.ts',
  'test/http/row-bytes.test.ts',
  'test/http/table-rule.test.ts',
  'test/http/distributed.test.ts',
  'test/unit/sql/gate/servers.test.ts',
];

/** Test files that keep metadata on PostgreSQL too. */
const METADATA = [
  'test/http/bucket-sync.test.ts',
  'test/http/metadata-server.test.ts',
  'test/http/several-hosts.test.ts',
  'test/unit/cli/doctor-data.test.ts',
  'test/unit/cli/metadata-server.test.ts',
  'test/unit/services/first-access.test.ts',
  'test/unit/services/housekeeping.test.ts',
  'test/unit/services/sync-lag.test.ts',
  'test/unit/store/ai-usage.test.ts',
  'test/unit/store/collected.test.ts',
  'test/unit/store/engines.test.ts',
  'test/unit/store/jobs.test.ts',
  'test/unit/store/migrate.test.ts',
  'test/unit/store/models.test.ts',
  'test/unit/store/postgres.test.ts',
  'test/unit/store/shared-files.test.ts',
  'test/unit/store/sync.test.ts',
  'test/unit/store/secrets.test.ts',
];

export const PROGRAMS: readonly Program[] = [
  {
    name: 'nginx',
    command: 'nginx',
    debianPackage: 'nginx',
    tests: ['test/deploy/nginx.test.ts', 'test/deploy/nginx-replicas.test.ts', 'test/docs/commands.test.ts'],
  },
  {
    name: 'systemd',
    command: 'systemd-analyze',
    debianPackage: 'systemd',
    tests: ['test/deploy/systemd.test.ts', 'test/docs/commands.test.ts'],
  },
  {
    name: 'python',
    command: 'python3',
    debianPackage: 'python3',
    tests: ['test/http/openapi-clients.test.ts'],
  },
  {
    name: 'dpkg',
    command: 'dpkg-deb',
    debianPackage: 'dpkg',
    tests: ['test/deploy/package.test.ts'],
  },
  {
    name: 'groff',
    command: 'groff',
    debianPackage: 'groff-base',
    tests: ['test/unit/cli/described.test.ts'],
  },
  {
    name: 'shellcheck',
    command: 'shellcheck',
    debianPackage: 'shellcheck',
    tests: ['test/deploy/shell.test.ts'],
  },
  {
    name: 'promtool',
    command: 'promtool',
    debianPackage: 'prometheus',
    tests: ['test/deploy/prometheus.test.ts', 'test/docs/commands.test.ts'],
  },
  {
    name: 'postgres',
    command: 'initdb',
    debianPackage: 'postgresql',
    tests: [
      'test/binary/leader.test.ts',
      'test/http/database-locales.test.ts',
      'test/contract/drivers/postgres.test.ts',
      'test/chaos/answers.test.ts',
      'test/chaos/away.test.ts',
      'test/chaos/harm.test.ts',
      'test/chaos/kills.test.ts',
      'test/chaos/pause.test.ts',
      'test/http/datasources-real.test.ts',
      'test/http/files.test.ts',
      'test/http/openapi-examples.test.ts',
      'test/processes/queries.test.ts',
      'test/http/sync-tasks.test.ts',
      'test/sync/compaction.test.ts',
      'test/sync/kill.test.ts',
      'test/sync/memory.test.ts',
      ...METADATA,
      ...BOTH_SERVERS,
    ],
  },
  {
    name: 'mysql',
    command: 'mariadbd',
    debianPackage: 'mariadb-server',
    tests: [
      'test/contract/drivers/mysql.test.ts',
      'test/contract/drivers/mysql-prepared.test.ts',
      ...BOTH_SERVERS,
    ],
  },
];

/** Debian keeps the programs of PostgreSQL's server apart from the PATH, by version. */
function postgresFolders(): string[] {
  const root = '/usr/lib/postgresql';
  return existsSync(root)
    ? [...new Glob('*/bin').scanSync({ cwd: root, absolute: true, onlyFiles: false })]
    : [];
}

/** Where the command is, also outside the PATH of a plain user. */
export function findCommand(command: string): string | undefined {
  const folders = ['/usr/sbin', '/sbin', '/usr/local/sbin', '/usr/bin', ...postgresFolders()];
  const usual = folders.map((folder) => `${folder}/${command}`);
  return Bun.which(command) ?? usual.find(existsSync);
}

const COMMAND_ENV = {
  ...process.env,
  DEBIAN_FRONTEND: 'noninteractive',
  // Keeps a package from starting its daemon.
  RUNLEVEL: '1',
};

function apt(...args: string[]): boolean {
  const run = Bun.spawnSync(['apt-get', ...args], { env: COMMAND_ENV, stdout: 'pipe', stderr: 'pipe' });
  if (!run.success) process.stderr.write(`apt-get ${args.join(' ')}:\n${run.stderr}`);
  return run.success;
}

/** Installs what is missing where that can be done; gives what is still missing, with the reason. */
export function providePrograms(): { program: Program; why: string }[] {
  const missing = PROGRAMS.filter(({ command }) => !findCommand(command));
  if (missing.length === 0) return [];
  const cannot = !Bun.which('apt-get')
    ? 'there is no apt-get'
    : process.getuid?.() !== 0
      ? 'not root'
      : undefined;
  if (cannot === undefined && apt('update', '-qq'))
    apt(
      'install',
      '-y',
      '-qq',
      '--no-install-recommends',
      ...missing.map((program) => program.debianPackage),
    );
  return missing
    .filter(({ command }) => !findCommand(command))
    .map((program) => ({
      program,
      why: cannot ?? `package ${program.debianPackage} could not be installed`,
    }));
}
