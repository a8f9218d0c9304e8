import { join } from 'node:path';
import type { TestServer } from './postgres-server.ts';
import {
  asUser,
  findProgram,
  freePort,
  giveTo,
  makeCertificates,
  runProgram,
  runProgramSoon,
  tempFolder,
  untilReady,
} from './server-process.ts';

const OS_USER = 'mysql';
const PASSWORD = 'sesame:/?#[]@ é';

export async function startMariadb(): Promise<TestServer> {
  const folder = await tempFolder('reporting-maria-');
  const data = join(folder.path, 'data');
  const certificates = makeCertificates(folder.path);
  giveTo(OS_USER, folder.path);
  // Two servers that are made at once would take the same names for tables in the machine's own folder.
  const temporary = `--tmpdir=${folder.path}`;
  const install = [findProgram('mariadb-install-db'), '--no-defaults', `--datadir=${data}`, temporary];
  runProgram(asUser(OS_USER, [...install, '--auth-root-authentication-method=normal', '--skip-test-db']), {
    cwd: folder.path,
  });
  const port = await freePort();
  const socket = join(folder.path, 's');
  const log = join(folder.path, 'log');
  const command = [findProgram('mariadbd'), '--no-defaults', `--datadir=${data}`, `--socket=${socket}`];
  command.push('--bind-address=127.0.0.1', `--port=${port}`, '--character-set-server=utf8mb4');
  command.push(`--ssl-cert=${certificates.certificate}`, `--ssl-key=${certificates.key}`);
  command.push('--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=64M', '--max-connections=60');
  command.push(temporary, `--pid-file=${folder.path}/pid`, '--default-time-zone=+05:30', '--skip-log-bin');
  const client = [findProgram('mariadb'), '--no-defaults', `--socket=${socket}`, '-uroot'];
  client.push('--batch', '--skip-column-names', '--default-character-set=utf8mb4');
  const admin = (sql: string, database = 'shop') => runProgram([...client, database, '-e', sql]).trimEnd();

  let child: Bun.Subprocess | undefined;
  const start = async () => {
    child = Bun.spawn(asUser(OS_USER, command), {
      cwd: folder.path,
      stdin: 'ignore',
      stdout: Bun.file(log),
      stderr: Bun.file(log),
    });
    await untilReady(
      child,
      // The port listens before the socket does, and another server could have it.
      async () => Bun.spawnSync([...client, '-e', 'select 1'], { stderr: 'ignore' }).success,
      () => Bun.file(log).text(),
    );
  };
  const stop = async () => {
    runProgram([...client, '-e', 'shutdown']);
    await child?.exited;
  };
  await start();
  admin(
    `create database shop character set utf8mb4; create user admin identified by '${PASSWORD}'; grant all on *.* to admin with grant option`,
    'mysql',
  );
  return {
    host: '127.0.0.1',
    port,
    user: 'admin',
    password: PASSWORD,
    database: 'shop',
    ca: await Bun.file(certificates.authority).text(),
    admin,
    adminSoon: async (sql) => (await runProgramSoon([...client, 'shop', '-e', sql])).trimEnd(),
    start,
    stop,
    async [Symbol.asyncDispose]() {
      if (child?.exitCode === null) await stop();
      await folder.remove();
    },
  };
}
