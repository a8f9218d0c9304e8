import { FAULT_POINTS, type FaultPoint } from '../../src/base/fault-point.ts';
import { until } from '../support/service-kit.ts';
import {
  Broken,
  checkFiles,
  checkFires,
  checkOrphans,
  checkRows,
  checkRuns,
  haveEnded,
} from './invariants.ts';
import type { Random } from './random.ts';
import type { Replica } from './replica.ts';
import { TABLES } from './source.ts';
import type { Death, Tally } from './tally.ts';
import { Watch } from './watch.ts';
import type { World } from './world.ts';

/** Candidates at once. */
const CANDIDATES = 3;
/** Published changes without a death, after which the leader is killed from outside. */
const QUIET = 2;

/** Kills processes of a world, at points and anywhere, while the source changes; then what must hold is checked. */
export class Rampage {
  #candidates: Replica[] = [];
  readonly #watch: Watch;
  #kills = 0;

  /** `crash` ends the server of the metadata and starts it again. */
  constructor(
    readonly world: World,
    readonly random: Random,
    readonly tally: Tally,
    readonly crash?: () => Promise<void>,
  ) {
    this.#watch = new Watch(world);
  }

  #count(death: Death): void {
    this.tally.add(death);
    this.#kills++;
  }

  /** Points that nobody died at yet come first. */
  #next(): Replica {
    const armed = this.#candidates.map(({ settings }) => settings.arms?.point);
    const missing = this.tally.missingPoints.filter((point) => !armed.includes(point));
    const point = this.random.pick(missing.length > 0 ? missing : FAULT_POINTS);
    const times = missing.length > 0 ? 1 : this.random.int(1, 3);
    return this.world.spawn({ point, times, how: 'kill' });
  }

  /** How often anything was published. */
  async #published(): Promise<number> {
    const datasets = await Promise.all(TABLES.map((name) => this.world.datasets.find(name)));
    return datasets.reduce((sum, { generation }) => sum + generation, 0);
  }

  /** Counts the dead and puts others in their place; gives how many there were. */
  async #bury(): Promise<number> {
    let dead = 0;
    for (const [i, replica] of this.#candidates.entries()) {
      if (!replica.hasEnded) continue;
      await replica.kill();
      if (!replica.fault)
        throw new Error(`a process ended by itself: ${JSON.stringify(replica.said.slice(-5))}`);
      this.#count(replica.fault.point as FaultPoint);
      this.#candidates[i] = this.#next();
      dead++;
    }
    return dead;
  }

  async #killLeader(): Promise<void> {
    const leader = await this.world.leader();
    const i = this.#candidates.findIndex((each) => each === leader && !each.hasEnded && !each.fault);
    if (i < 0) return;
    await this.#candidates[i]!.kill();
    if (this.#candidates[i]!.fault) this.#count(this.#candidates[i]!.fault!.point as FaultPoint);
    else this.#count('leader');
    this.#candidates[i] = this.#next();
  }

  /** Ends the rampage where something is broken already. */
  #look(): void {
    if (this.#watch.broken) throw this.#watch.broken;
    for (const { said } of this.world.replicas)
      for (const each of said)
        if (each.event === 'run.failed') throw new Broken('a kill fails no run', JSON.stringify(each));
  }

  async #killReader(): Promise<void> {
    await this.#watch.kill();
    this.#count('reader');
  }

  async #crashServer(): Promise<void> {
    const { crash } = this;
    if (!crash) return;
    // A process that starts meanwhile ends by itself, and rightly.
    await Promise.all(this.#candidates.map((replica) => replica.ready()));
    await this.#watch.without(crash);
    this.#count('server');
  }

  /** Who dies when nobody came to a point for a while. */
  async #strike(): Promise<void> {
    const { missing } = this.tally;
    if (missing.includes('server')) await this.#crashServer();
    else {
      if (missing.includes('reader') || this.random.int(1, 3) === 1) await this.#killReader();
      await this.#killLeader();
    }
  }

  /** Kills until so many died and nobody's death is missing, or it is late. */
  async kill(kills: number, isLate: () => boolean = () => false): Promise<void> {
    const { tally, world } = this;
    const first = world.replicas[0]!;
    for (let i = 0; i < CANDIDATES; i++) this.#candidates.push(this.#next());
    await first.kill();
    let quiet = 0;
    while ((this.#kills < kills || tally.missing.length > 0) && !isLate()) {
      this.#look();
      const before = await this.#published();
      await world.source.change();
      await until(async () => {
        if (this.#candidates.some(({ hasEnded }) => hasEnded)) return true;
        await Bun.sleep(60);
        return (await this.#published()) > before;
      });
      quiet = (await this.#bury()) > 0 ? 0 : quiet + 1;
      const isLeft = tally.missing.length > 0 && tally.missingPoints.length === 0;
      if (quiet < QUIET && !isLeft) continue;
      quiet = 0;
      await this.#strike();
    }
  }

  /** Living processes that do themselves no harm any more. */
  async #calm(): Promise<Replica> {
    const calm: Replica[] = [];
    for (const replica of this.#candidates) {
      if (await replica.order({ arms: null })) calm.push(replica);
      else {
        await replica.kill();
        if (replica.fault) this.#count(replica.fault.point as FaultPoint);
      }
    }
    while (calm.length < 2) calm.push(this.world.spawn());
    await Promise.all(calm.map((replica) => replica.ready()));
    return calm[0]!;
  }

  /** Lets the living finish, and checks all that must hold. */
  async settle(): Promise<{ rows: number; fires: number; runs: number; files: number; answers: number }> {
    const { world } = this;
    const calm = await this.#calm();
    await world.syncAll(calm);
    const rows = await checkRows(world);
    const now = new Date().toISOString();
    await until(async () => (await haveEnded(world, now)) || Bun.sleep(50).then(() => false));
    const fires = await checkFires(world);
    const runs = await checkRuns(world);
    await this.#watch.stop();
    await world.stop();
    const files = await checkFiles(world);
    await checkOrphans(world);
    return { rows, fires, runs, files, answers: this.#watch.answers };
  }
}
