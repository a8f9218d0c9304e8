import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from './wait.ts';

export interface Ran {
  code: number;
  out: string;
  err: string;
}

const ENV = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  SYSTEMD_PAGER: '',
  SYSTEMD_COLORS: '0',
};

/** A Debian whose process 1 is its systemd, in namespaces of its own but for the network, which it shares with this process. */
export class Machine implements AsyncDisposable {
  private constructor(
    readonly root: string,
    readonly cgroup: string,
    readonly starter: Bun.Subprocess<'ignore', 'pipe', 'pipe'>,
    /** Process 1, by the id that this process sees. */
    readonly pid: number,
  ) {}

  /** `cgroup`: an empty folder of a cgroup2. Throws what systemd said when it does not come up. */
  static async boot(root: string, cgroup: string): Promise<Machine> {
    mkdirSync(cgroup);
    const starter = Bun.spawn(['sh', join(import.meta.dir, 'boot.sh'), root, cgroup], {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    });
    let pid = 0;
    const hasEnded = () => starter.exitCode !== null;
    await waitFor('systemd as process 1', () => {
      pid = hasEnded() ? 0 : childOf(starter.pid);
      return hasEnded() || (pid > 0 && readFileSync(`/proc/${pid}/comm`, 'utf8') === 'systemd\n');
    });
    const machine = new Machine(root, cgroup, starter, pid);
    await waitFor('systemd to be up', () => hasEnded() || machine.isUp);
    if (hasEnded()) throw new Error(`systemd did not come up: ${await new Response(starter.stderr).text()}`);
    return machine;
  }

  get isUp(): boolean {
    const { code, out } = this.#runSync('systemctl is-system-running');
    return code === 0 || out.trim() === 'degraded';
  }

  #command(script: string): string[] {
    const namespaces = ['--mount', '--uts', '--ipc', '--pid', '--cgroup', '--root', '--wd'];
    return ['nsenter', `--target=${this.pid}`, ...namespaces, '--', 'sh', '-c', script];
  }

  #runSync(script: string) {
    const run = Bun.spawnSync(this.#command(script), {
      ...{ env: ENV, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
    });
    return { code: run.exitCode, out: run.stdout.toString() };
  }

  /** Runs a shell text as root in the machine. */
  async run(script: string, input = ''): Promise<Ran> {
    const child = Bun.spawn(this.#command(script), {
      ...{ env: ENV, stdin: new Blob([input]), stdout: 'pipe', stderr: 'pipe' },
    });
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { code: await child.exited, out, err };
  }

  /** As `run`, for what must succeed; gives what it printed. */
  async must(script: string, input = ''): Promise<string> {
    const { code, out, err } = await this.run(script, input);
    if (code !== 0) throw new Error(`${script}: exit code ${code}: ${out}${err}`);
    return out.trim();
  }

  /** A property of a unit, as `systemctl show` has it. */
  async property(unit: string, name: string): Promise<string> {
    return this.must(`systemctl show --property=${name} --value ${unit}`);
  }

  /** What a unit wrote into the journal, an entry a line. */
  async journal(unit: string): Promise<Record<string, string>[]> {
    const text = await this.must(`journalctl --output=json --unit=${unit}`);
    return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Record<string, string>);
  }

  path(path: string): string {
    return join(this.root, path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.starter.kill('SIGKILL');
    await this.starter.exited;
    await waitFor('process 1 to be gone', () => !existsSync(`/proc/${this.pid}`));
    removeCgroup(this.cgroup);
  }
}

const childOf = (pid: number) =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0]);

/** A folder of a cgroup goes by itself once those in it are gone; its files are not files. */
function removeCgroup(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeCgroup(join(folder, entry.name));
  rmdirSync(folder);
}
