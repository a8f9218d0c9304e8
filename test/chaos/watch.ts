import { Broken, readFiles } from './invariants.ts';
import { Refused, type Replica } from './replica.ts';
import { GROUP } from './source.ts';
import type { World } from './world.ts';

interface Answer {
  version: string;
  values: number[];
}

/** Between two looks: often enough to see every state, and not so often that it takes the machine from those who write. */
export const ASK_MS = 80;

/** What a reader may say while the server of the metadata is away. */
const isAway = (error: unknown) =>
  error instanceof Refused && error.status === 503 && error.problem.code === 'storage.unreachable';

const generationOf = (version: string) => Number(version.split('@')[1]);

/** Asks a process that only reads, again and again; what it answers must be a state that was published, and never an older one. */
export class Watch {
  #reader: Replica;
  #isStopped = false;
  #pause: Promise<unknown> | undefined;
  #asking: Promise<unknown> | undefined;
  readonly #watching: Promise<void>;
  readonly #newest = new Map<string, number>();
  /** What was answered from each version of `stock`. */
  readonly #stock = new Map<string, string>();
  answers = 0;
  /** Answers that said that the metadata is away. */
  refusals = 0;
  broken: unknown;
  #mayBeAway = false;

  constructor(readonly world: World) {
    this.#reader = world.spawnReader();
    this.#watching = this.#watch().catch((error) => {
      this.broken = error;
    });
  }

  async #watch(): Promise<void> {
    while (!this.#isStopped) {
      await this.#pause;
      const reader = this.#reader;
      try {
        await reader.ready();
        this.#asking = this.#look(reader);
        await this.#asking;
        // The bytes of the answers come from a process that may be killed: then another answers.
      } catch (error) {
        if (this.#mayBeAway && isAway(error)) this.refusals++;
        else if (error instanceof Broken || reader === this.#reader)
          throw error instanceof Broken ? error : new Broken('no reader has an error', String(error));
      }
      await Bun.sleep(ASK_MS);
    }
  }

  async #look(reader: Replica): Promise<void> {
    this.#checkLedger(await this.#ask(reader, 'ledger', 'at'));
    this.#checkStock(await this.#ask(reader, 'stock', 'v'));
  }

  async #ask(reader: Replica, dataset: string, field: string): Promise<Answer> {
    const measures = [
      { agg: 'count', as: 'n' },
      { agg: 'max', field, as: 'most' },
      { agg: 'sum', field, as: 'all' },
    ];
    const { rows, meta } = await reader.call('POST', '/query/spec', { from: { dataset }, measures });
    this.answers++;
    const generation = generationOf(meta.dataVersion);
    const newest = this.#newest.get(dataset) ?? 0;
    if (generation < newest)
      throw new Broken('readers never see an older state', `${dataset}: ${generation} after ${newest}`);
    this.#newest.set(dataset, generation);
    return { version: meta.dataVersion, values: (rows[0] as unknown[]).map(Number) };
  }

  /** Whole groups up to the newest one, which may be there in part. */
  #checkLedger({ version, values }: Answer): void {
    const [n = 0, most = 0, all = 0] = values;
    const ofNewest = n - GROUP * most;
    const isPrefix =
      ofNewest > 0 && ofNewest <= GROUP && all === (GROUP * most * (most - 1)) / 2 + ofNewest * most;
    if (!isPrefix)
      throw new Broken('every answer is a state that was published', `ledger ${version}: ${values}`);
  }

  #checkStock({ version, values }: Answer): void {
    const text = values.join('|');
    const before = this.#stock.get(version) ?? text;
    if (before !== text)
      throw new Broken('one version, one answer', `stock ${version}: ${before} and then ${text}`);
    this.#stock.set(version, text);
  }

  /** Asks on while the server of the metadata goes away and comes back: only until then may readers refuse, and must say why. */
  async away(work: () => Promise<void>): Promise<void> {
    await this.#reader.ready();
    this.#mayBeAway = true;
    await work();
    await Promise.allSettled([this.#asking]);
    this.#mayBeAway = false;
  }

  /** Asks nothing while the work is done. */
  async without(work: () => Promise<void>): Promise<void> {
    await this.#reader.ready();
    const done = Promise.withResolvers<void>();
    this.#pause = done.promise;
    await Promise.allSettled([this.#asking]);
    try {
      await work();
    } finally {
      this.#pause = undefined;
      done.resolve();
    }
  }

  /** Kills the reader; another goes on. */
  async kill(): Promise<void> {
    const reader = this.#reader;
    this.#reader = this.world.spawnReader();
    await reader.kill();
  }

  /** Stops to ask, and holds the answers against the files of their generations. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#watching;
    if (this.broken) throw this.broken;
    const { datasets } = this.world;
    for (const [version, text] of this.#stock) {
      const [id = ''] = version.split('@');
      const files = await datasets.filesOf(id, generationOf(version));
      const paths = files.map((file) => datasets.pathOf(id, file));
      const [truth] = await readFiles(paths, 'count(*), coalesce(max(v), 0), coalesce(sum(v), 0)');
      if (truth !== text)
        throw new Broken(
          'every answer is a state that was published',
          `stock ${version}: ${text}, not ${truth}`,
        );
    }
  }
}
