import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { ACCOUNT, type Bed, CHECKOUT, type Check, documented, PROGRAM, SETTINGS } from '../bed.ts';
import { waitFor } from '../wait.ts';

const UNIT = 'reporting-api';
/** As systemd's own checker counts it, of 10. */
const MOST_EXPOSURE = 1.5;
const ROWS = 400_000;
/** More than systemd allows in ten seconds by itself. */
const KILLS = 7;

/** Owners and modes of what is installed. */
const PLACES = [
  `root:reporting 640 ${SETTINGS}`,
  'reporting:reporting 750 /var/lib/reporting',
  'reporting:reporting 700 /var/cache/reporting',
  `root:root 755 ${PROGRAM}`,
];

async function places({ machine }: Bed): Promise<string[]> {
  const paths = PLACES.map((line) => line.split(' ')[2]);
  return (await machine.must(`stat -c '%U:%G %a %n' ${paths.join(' ')}`)).split('\n');
}

/** A column that no encoding makes small, so that sorting it takes more memory than the worker has. */
function csvOf(rows: number): Blob {
  const lines = ['id,text'];
  for (let i = 0; i < rows; i++) lines.push(`${i},${Bun.hash(String(i)).toString(36).repeat(4)}`);
  return new Blob([lines.join('\n')]);
}

/** What a process may do, by /proc. */
async function statusOf(bed: Bed, pid: number): Promise<Record<string, string>> {
  const text = await bed.machine.must(`cat /proc/${pid}/status`);
  return Object.fromEntries(text.split('\n').map((line) => line.split(/:\s*/) as [string, string]));
}

const written = async (bed: Bed, pid: number, path: string) =>
  (await bed.machine.run(`nsenter --target ${pid} --mount --root -- touch ${path}`)).code === 0;

export const oneProcess: readonly Check[] = [
  {
    title: 'install.sh --dry-run changes nothing',
    async run({ machine }) {
      const said = await machine.must(`cd ${CHECKOUT} && deploy/install.sh --dry-run`);
      match(said, /would run: useradd /);
      match(said, /would run: systemctl enable reporting-api\.service/);
      equal((await machine.run(`ls -d /opt/reporting-api /etc/reporting || id reporting`)).out, '');
    },
  },
  {
    title: 'install.sh makes user, folders, program, settings and unit, and starts nothing',
    async run(bed) {
      await bed.follow(/^sudo deploy\/install\.sh --unit single/);
      const { machine } = bed;
      match(await machine.must('getent passwd reporting'), /:\/var\/lib\/reporting:\/usr\/sbin\/nologin$/);
      deepEqual(await places(bed), PLACES);
      equal(await machine.property(UNIT, 'UnitFileState'), 'enabled');
      equal(await machine.property(UNIT, 'ActiveState'), 'inactive');
    },
  },
  {
    title: 'the doctor of the guide finds nothing that fails',
    async run(bed) {
      const said = await bed.follow(/as-service doctor$/);
      ok(!/^fail/m.test(said), said);
      match(said, /^ok/m);
      deepEqual(await places(bed), PLACES);
    },
  },
  {
    title: '`systemctl start` returns when the service serves, and the status says where',
    async run(bed) {
      await bed.set(['DUCKDB_MEMORY_LIMIT=64MiB', 'THREADS=1', 'OUTBOUND_ALLOW=127.0.0.1:9000'].join('\n'));
      await bed.follow(/^sudo systemctl enable reporting-api$/);
      await bed.follow(/^sudo systemctl start reporting-api$/);
      equal((await bed.get<{ status: string }>('/api/healthz')).status, 'ok');
      match(await bed.follow(/^sudo systemctl status reporting-api /), /Active: active \(running\)/);
      equal(await bed.machine.property(UNIT, 'StatusText'), 'Serves http://127.0.0.1:8000');
    },
  },
  {
    title: 'the process is the user’s, without capabilities, behind a filter of system calls',
    async run(bed) {
      const status = await statusOf(bed, await bed.mainPid(UNIT));
      const user = await bed.machine.must('id -u reporting');
      match(status.Uid!, new RegExp(`^${user}\\t${user}\\t`));
      deepEqual(
        [status.CapEff, status.CapBnd, status.NoNewPrivs, status.Seccomp],
        ['0000000000000000', '0000000000000000', '1', '2'],
      );
    },
  },
  {
    title: `its exposure is at most ${MOST_EXPOSURE} for the systemd that runs it`,
    async run({ machine }) {
      const said = await machine.must(`systemd-analyze security --no-pager ${UNIT}`);
      const level = Number(/exposure level for \S+: ([\d.]+)/.exec(said)?.[1]);
      ok(level <= MOST_EXPOSURE, String(level));
    },
  },
  {
    title: 'it can write into its two folders and a /tmp of its own, and nowhere else',
    async run(bed) {
      const pid = await bed.mainPid(UNIT);
      for (const folder of ['/var/lib/reporting', '/var/cache/reporting', '/tmp'])
        ok(await written(bed, pid, `${folder}/probe`), folder);
      for (const folder of [
        '/opt/reporting-api',
        '/etc',
        '/usr',
        '/var/lib',
        '/var/log',
        '/home',
        '/root',
        '/srv',
      ])
        ok(!(await written(bed, pid, `${folder}/probe`)), folder);
      equal((await bed.machine.run('ls /tmp/probe')).out, '');
      await bed.machine.must('rm /var/lib/reporting/probe /var/cache/reporting/probe');
    },
  },
  {
    title: 'the first user is made beside the running service and signs in',
    async run(bed) {
      const command = documented(/as-service user create /);
      const said = await bed.machine.must(`${command} --password-stdin`, `${ACCOUNT.password}\n`);
      match(said, /^Made admin me@example\.com/);
      await bed.signIn();
    },
  },
  {
    title: 'an upload, a query that spills to the disk, and a pivot in a worker',
    async run(bed) {
      await bed.upload('texts', 'texts.csv', csvOf(ROWS));
      const sql =
        'SELECT max(n) AS n FROM (SELECT text, row_number() OVER (ORDER BY text DESC) AS n FROM texts a)';
      deepEqual(await bed.rows(sql), [[ROWS]]);
      const pivot = await bed.post<{ cells: unknown[][] }>('/api/query/pivot', {
        from: { dataset: 'texts' },
        rows: [{ field: 'text' }],
        measures: [{ agg: 'count', as: 'n' }],
        totals: { rows: 'all' },
      });
      ok(JSON.stringify(pivot).includes(String(ROWS)));
    },
  },
  {
    title: 'a sync from a server that OUTBOUND_ALLOW names, run by the scheduler’s process',
    async run(bed) {
      const server = Bun.serve({
        hostname: '127.0.0.1',
        port: 9000,
        fetch: () => new Response('day,amount\n2026-01-02,3.50\n2026-01-03,4.50\n'),
      });
      try {
        await bed.post('/api/sync-tasks', {
          name: 'prices',
          dataset: 'prices',
          source: { kind: 'url', url: 'http://127.0.0.1:9000/prices.csv' },
          mode: 'snapshot',
        });
        await bed.post('/api/sync-tasks/prices/run');
        await waitFor('the end of the run', async () => {
          const { items } = await bed.get<{ items: { name: string }[] }>('/api/datasets');
          return items.some(({ name }) => name === 'prices');
        });
        deepEqual(await bed.rows('SELECT count(*) AS n FROM prices'), [[2]]);
      } finally {
        await server.stop(true);
      }
    },
  },
  {
    title: 'a backup with the files of all datasets',
    async run(bed) {
      const { path } = await bed.post<{ path: string }>('/api/admin/backup', { withDatasets: true });
      match(await bed.machine.must(`ls ${path}`), /manifest/);
      match(await bed.follow(/as-service backup --with-datasets$/), /tried/);
    },
  },
  {
    title: 'it is ready in every part',
    async run(bed) {
      const ready = await bed.get<{ status: string }>('/api/readyz');
      ok(!JSON.stringify(ready).includes('"ok":false'), JSON.stringify(ready));
    },
  },
  {
    title: 'threads that compute give way',
    async run(bed) {
      const pid = await bed.mainPid(UNIT);
      await waitFor('threads with a nice of 5', async () =>
        (await bed.machine.must(`ps -L -o nice= -p ${pid}`)).split('\n').some((nice) => nice.trim() === '5'),
      );
    },
  },
  {
    title: 'the journal has each line with its priority, and no warning so far',
    async run(bed) {
      const lines = (await bed.machine.journal(UNIT)).filter(({ _COMM }) => _COMM === 'reporting-api');
      ok(lines.length > 10);
      for (const { MESSAGE, PRIORITY } of lines) {
        const { level } = JSON.parse(MESSAGE!) as { level: string };
        equal(`${level} ${PRIORITY}`, 'info 6');
      }
      const said = await bed.machine.must(`journalctl -u ${UNIT} -p warning -o cat`);
      equal(said.replace('-- No entries --', ''), '');
    },
  },
  {
    title: 'a process that is killed is started again, however often, with its data',
    async run(bed) {
      await bed.override(UNIT, '[Service]\nRestartSec=0\n');
      for (let i = 0; i < KILLS; i++) {
        const before = await bed.mainPid(UNIT);
        await bed.machine.must(`kill -KILL ${before}`);
        await bed.untilReplaced(UNIT, before);
      }
      equal(await bed.machine.property(UNIT, 'NRestarts'), String(KILLS));
      await bed.noOverride(UNIT);
      deepEqual(await bed.rows('SELECT count(*) AS n FROM texts'), [[ROWS]]);
    },
  },
  {
    title: 'a process that hangs is replaced by the watchdog, and leaves no memory image behind',
    async run(bed) {
      await bed.override(UNIT, '[Service]\nWatchdogSec=3\n');
      await bed.machine.must(`systemctl restart ${UNIT}`);
      const before = await bed.mainPid(UNIT);
      await bed.machine.must(`kill -STOP ${before}`);
      await bed.untilReplaced(UNIT, before);
      await bed.noOverride(UNIT);
      const journal = await bed.machine.must(`journalctl -u ${UNIT} -o cat`);
      match(journal, /Watchdog timeout/);
      equal((await bed.machine.run('ls /var/lib/reporting | grep core')).out, '');
      equal(await bed.get<{ status: string }>('/api/healthz').then(({ status }) => status), 'ok');
    },
  },
  {
    title: 'a stop lets a running query end, and ends well',
    async run(bed) {
      const query = bed.rows(
        'SELECT count(*) AS n FROM texts a, texts b WHERE a.id < 1000 AND a.text < b.text',
      );
      await waitFor('the query to run', async () => {
        const { queries } = await bed.get<{ queries: { running: unknown[] } }>('/api/admin/stats');
        return queries.running.length === 1;
      });
      const [rows] = await Promise.all([query, bed.follow(/^systemctl stop reporting-api$/)]);
      equal(rows.length, 1);
      equal(await bed.machine.property(UNIT, 'Result'), 'success');
      equal(await bed.machine.property(UNIT, 'ActiveState'), 'inactive');
    },
  },
  {
    title: 'with wrong settings it is not started again and again',
    async run(bed) {
      await bed.machine.must(`cp -p ${SETTINGS} /root/settings`);
      await bed.set('THREADS=many');
      const { code } = await bed.machine.run(`systemctl restart ${UNIT}`);
      await bed.machine.must(`cp -p /root/settings ${SETTINGS}`);
      notEqual(code, 0);
      equal(await bed.machine.property(UNIT, 'ExecMainStatus'), '2');
      equal(await bed.machine.property(UNIT, 'ActiveState'), 'failed');
      equal(await bed.machine.property(UNIT, 'NRestarts'), '0');
      match(await bed.machine.must(`journalctl -u ${UNIT} -n 20 -o cat`), /THREADS/);
      await bed.machine.must(`systemctl start ${UNIT}`);
    },
  },
  {
    title: 'install.sh again keeps settings, data and the running service; a restart takes the new program',
    async run(bed) {
      const before = await bed.mainPid(UNIT);
      const settings = await bed.machine.must(`cat ${SETTINGS}`);
      await bed.follow(/^sudo deploy\/install\.sh --unit single/);
      equal(await bed.machine.must(`cat ${SETTINGS}`), settings);
      equal(await bed.mainPid(UNIT), before);
      await bed.follow(/^sudo systemctl restart reporting-api$/);
      equal(await bed.machine.must(`stat -L -c %i /proc/${await bed.mainPid(UNIT)}/exe`), await inodeOf(bed));
      deepEqual(await bed.rows('SELECT count(*) AS n FROM texts'), [[ROWS]]);
    },
  },
];

const inodeOf = (bed: Bed) => bed.machine.must(`stat -c %i ${PROGRAM}`);
