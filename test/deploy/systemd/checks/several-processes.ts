import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { load } from '../../../processes/cluster.ts';
import type { Bed, Check } from '../bed.ts';
import { PROGRAM } from '../bed.ts';
import { waitFor } from '../wait.ts';

const UNIT = 'reporting-api';

async function children(bed: Bed): Promise<string[]> {
  const { out } = await bed.machine.run(`pgrep -P ${await bed.mainPid(UNIT)}`);
  return out.trim().split('\n');
}

/** Does something while clients ask all the time, of which none may fail. */
async function underLoad(bed: Bed, work: () => Promise<void>): Promise<void> {
  const clients = load(bed.url);
  const more = async () => {
    const before = clients.answered();
    await waitFor('answers', () => clients.answered() > before + 50);
  };
  await more();
  await work();
  await more();
  await clients.end();
  deepEqual(clients.failures, []);
}

const serves = (bed: Bed, count: number) =>
  waitFor(`${count} processes`, async () =>
    new RegExp(`^(${count} of )?${count} processes serve `).test(
      await bed.machine.property(UNIT, 'StatusText'),
    ),
  );

async function untilRunning(bed: Bed): Promise<void> {
  await waitFor(
    'the end of the reload',
    async () => (await bed.machine.property(UNIT, 'SubState')) === 'running',
  );
}

export const severalProcesses: readonly Check[] = [
  {
    title: 'install.sh --unit cluster takes the place of the one process, with its data',
    async run(bed) {
      await bed.set('WEB_CONCURRENCY=2');
      const users = await bed.get<{ items: unknown[] }>('/api/users');
      await bed.machine.must('cd /srv/checkout && deploy/install.sh --unit cluster');
      await bed.machine.must(`systemctl restart ${UNIT}`);
      await serves(bed, 2);
      equal((await children(bed)).length, 2);
      deepEqual(await bed.get('/api/users'), users);
    },
  },
  {
    title: 'systemctl reload replaces the processes under load and refuses nobody',
    async run(bed) {
      const [main, before] = [await bed.mainPid(UNIT), await children(bed)];
      await underLoad(bed, async () => {
        await bed.follow(/^sudo systemctl reload reporting-api /);
        await waitFor(
          'other processes',
          async () => !(await children(bed)).some((pid) => before.includes(pid)),
        );
        await untilRunning(bed);
      });
      equal(await bed.mainPid(UNIT), main);
      await serves(bed, 2);
    },
  },
  {
    title: 'with a new program, reload hands over to a new supervisor under load',
    async run(bed) {
      const before = await bed.mainPid(UNIT);
      await underLoad(bed, async () => {
        await bed.follow(/^sudo install -m 0755 dist\/reporting-api /);
        await bed.follow(/^sudo mv \S+\.new /);
        await bed.follow(/^sudo systemctl reload reporting-api /);
        await bed.untilReplaced(UNIT, before);
        await untilRunning(bed);
        await waitFor(
          'the end of the supervisor before',
          async () => (await bed.machine.run(`kill -0 ${before}`)).code !== 0,
        );
      });
      await serves(bed, 2);
      const now = await bed.mainPid(UNIT);
      equal(
        await bed.machine.must(`stat -L -c %i /proc/${now}/exe`),
        await bed.machine.must(`stat -c %i ${PROGRAM}`),
      );
    },
  },
  {
    title: 'after that, a reload and a stop reach the new supervisor',
    async run(bed) {
      const before = await children(bed);
      await bed.machine.must(`systemctl reload ${UNIT}`);
      await waitFor(
        'other processes',
        async () => !(await children(bed)).some((pid) => before.includes(pid)),
      );
      await untilRunning(bed);
      await bed.machine.must(`systemctl stop ${UNIT}`);
      equal(await bed.machine.property(UNIT, 'Result'), 'success');
      equal((await bed.machine.run('pgrep reporting-api')).out, '');
      await bed.machine.must(`systemctl start ${UNIT}`);
    },
  },
  {
    title: 'a process that is killed is replaced by the supervisor, a supervisor by systemd',
    async run(bed) {
      const [main, [child]] = [await bed.mainPid(UNIT), await children(bed)];
      await bed.machine.must(`kill -KILL ${child}`);
      await waitFor('another process', async () => {
        const now = await children(bed);
        return now.length === 2 && !now.includes(child!);
      });
      await serves(bed, 2);
      equal(await bed.mainPid(UNIT), main);
      await bed.machine.must(`kill -KILL ${main}`);
      await bed.untilReplaced(UNIT, main);
      await serves(bed, 2);
      equal((await bed.machine.must("pgrep -f 'reporting-api serve'")).split('\n').length, 3);
    },
  },
  {
    title: 'the supervisor that took over is watched too',
    async run(bed) {
      await bed.override(UNIT, '[Service]\nWatchdogSec=3\n');
      await bed.machine.must(`systemctl restart ${UNIT}`);
      const first = await bed.mainPid(UNIT);
      await bed.machine.must(`systemctl kill --kill-whom=main --signal=USR2 ${UNIT}`);
      await bed.untilReplaced(UNIT, first);
      await untilRunning(bed);
      const second = await bed.mainPid(UNIT);
      await bed.machine.must(`kill -STOP ${second}`);
      await bed.untilReplaced(UNIT, second);
      await bed.noOverride(UNIT);
      match(await bed.machine.must(`journalctl -u ${UNIT} -o cat`), /Watchdog timeout/);
      notEqual(await bed.mainPid(UNIT), second);
    },
  },
  {
    title: 'lines of all processes have their priority in the journal',
    async run({ machine }) {
      const lines = (await machine.journal(UNIT)).filter(({ MESSAGE }) => MESSAGE?.startsWith('{'));
      const slots = new Set<unknown>();
      for (const { MESSAGE, PRIORITY } of lines) {
        const { level, slot } = JSON.parse(MESSAGE!) as { level: string; slot?: number };
        const expected = { info: '6', warning: '4', error: '3', critical: '2' }[level];
        equal(`${level} ${PRIORITY}`, `${level} ${expected}`);
        slots.add(slot);
      }
      ok(slots.has(0) && slots.has(1));
    },
  },
];

export const replicas: readonly Check[] = [
  {
    title: 'two replicas by the template, each on the port of its name',
    async run(bed) {
      await bed.machine.must(`systemctl disable --now ${UNIT}`);
      await bed.set('WEB_CONCURRENCY=1');
      await bed.follow(/^sudo systemctl enable --now reporting-api@8001/);
      for (const port of [8001, 8002]) {
        bed.url = `http://127.0.0.1:${port}`;
        equal((await bed.get<{ status: string }>('/api/healthz')).status, 'ok');
        equal(await bed.machine.property(`reporting-api@${port}`, 'StatusText'), `Serves ${bed.url}`);
      }
      deepEqual(await bed.rows('SELECT count(*) AS n FROM prices'), [[2]]);
    },
  },
  {
    title: 'one serves while the other is restarted',
    async run(bed) {
      let isRunning = true;
      const unanswered: string[] = [];
      const client = (async () => {
        while (isRunning) {
          const asked = [8001, 8002].map((port) => fetch(`http://127.0.0.1:${port}/api/healthz`));
          const answers = await Promise.allSettled(asked);
          if (!answers.some((one) => one.status === 'fulfilled' && one.value.ok))
            unanswered.push(JSON.stringify(answers));
          await Bun.sleep(5);
        }
      })();
      await bed.follow(/^for port in 8001 8002; do sudo systemctl restart/);
      isRunning = false;
      await client;
      deepEqual(unanswered, []);
    },
  },
  {
    title: 'install.sh --uninstall ends and removes all but settings and data; --purge those too',
    async run(bed) {
      const { machine } = bed;
      await machine.must('cd /srv/checkout && deploy/install.sh --uninstall');
      equal((await machine.run('pgrep reporting-api')).out, '');
      equal(await machine.must("find /etc/systemd/system /opt /run/systemd -name 'reporting-api*'"), '');
      equal(
        await machine.must(
          "systemctl list-units --all --plain --no-legend 'reporting-api*' | grep -v not-found || true",
        ),
        '',
      );
      await machine.must('ls /var/lib/reporting/meta.sqlite /etc/reporting/reporting-api.env');
      await machine.must('cd /srv/checkout && deploy/install.sh --uninstall --purge');
      equal((await machine.run('ls -d /var/lib/reporting /etc/reporting /var/cache/reporting')).out, '');
      equal((await machine.run('getent passwd reporting; getent group reporting')).out, '');
    },
  },
];
