import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { ACCOUNT, type Bed, type Check, documented, PROGRAM } from '../bed.ts';

const UNITS = ['reporting-api', 'reporting-api@8001', 'reporting-api@8002'];

const isOfFile = async ({ machine }: Bed, pid: number) =>
  (await machine.must(`stat -L -c %i /proc/${pid}/exe`)) === (await machine.must(`stat -c %i ${PROGRAM}`));

export const debianPackage: readonly Check[] = [
  {
    title: 'dpkg -i makes user, folders, settings and a secret, and starts nothing',
    async run(bed) {
      await bed.follow(/^sudo dpkg -i /);
      const { machine } = bed;
      equal(await machine.must('stat -c "%U:%G %a" /etc/reporting/secret.env'), 'root:reporting 640');
      equal(await machine.must('stat -c "%U:%G %a" /etc/reporting/reporting-api.env'), 'root:reporting 640');
      equal(await machine.property('reporting-api', 'ActiveState'), 'inactive');
    },
  },
  {
    title: 'the doctor of the guide knows the secret of the package',
    async run(bed) {
      const said = await bed.follow(/as-service doctor$/);
      ok(!/^fail/m.test(said), said);
    },
  },
  {
    title: 'the service and two replicas serve, with one user',
    async run(bed) {
      await bed.machine.must(
        `${documented(/as-service user create /)} --password-stdin`,
        `${ACCOUNT.password}\n`,
      );
      await bed.machine.must(`systemctl enable --now ${UNITS.join(' ')}`);
      for (const port of [8002, 8001, 8000]) {
        bed.url = `http://127.0.0.1:${port}`;
        await bed.signIn();
      }
      await bed.upload('sales', 'sales.csv', new Blob(['day,amount\n2026-01-02,3.50\n']));
    },
  },
  {
    title: 'the backup of the guide is made, and brings back what was lost since',
    async run(bed) {
      const { machine } = bed;
      const path = /^(\S+) \(/m.exec(await bed.follow(/as-service backup --with-datasets$/))![1]!;
      const sales = await bed.rows('SELECT * FROM sales');
      await bed.remove('sales');
      const units = UNITS.join(' ');
      const restore = `${PROGRAM.replace(/[^/]+$/, 'as-service')} restore ${path}`;
      match((await machine.run(restore)).err, /is open|running|in use/i);
      await machine.must(
        `systemctl stop ${units} && ${restore} --dry-run && ${restore} && systemctl start ${units}`,
      );
      deepEqual(await bed.rows('SELECT * FROM sales'), sales);
    },
  },
  {
    title: 'dpkg -i again brings every process that runs to the new program, with its data',
    async run(bed) {
      await bed.follow(/^sudo dpkg -i /);
      for (const unit of UNITS) {
        equal(await bed.machine.property(unit, 'ActiveState'), 'active');
        ok(await isOfFile(bed, await bed.mainPid(unit)), unit);
      }
      deepEqual(await bed.rows('SELECT count(*) AS n FROM sales'), [[1]]);
    },
  },
  {
    title: 'removed, nothing runs and the data stays',
    async run({ machine }) {
      await machine.must('dpkg --remove reporting-api');
      equal((await machine.run('pgrep reporting-api')).out, '');
      await machine.must('ls /var/lib/reporting/meta.sqlite /etc/reporting/secret.env');
      equal(await machine.must("find /etc/systemd /usr/lib/systemd -name 'reporting-api*'"), '');
    },
  },
  {
    title: 'purged, nothing is left',
    async run({ machine }) {
      await machine.must('dpkg --purge reporting-api');
      const places = '/opt/reporting-api /var/lib/reporting /etc/reporting /var/cache/reporting';
      equal((await machine.run(`ls -d ${places}; getent passwd reporting; getent group reporting`)).out, '');
      equal(await machine.must("systemctl list-units --failed --plain --no-legend 'reporting-api*'"), '');
    },
  },
];
