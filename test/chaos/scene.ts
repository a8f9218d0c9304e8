import { type MetadataServer, type StoreName, startMetadataServer } from '../support/metadata-stores.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { buildReplica, type Program } from './program.ts';
import { Random, seedOf } from './random.ts';
import { World, type WorldOptions } from './world.ts';

/** What worlds stand on: the servers, the program of the replicas, and the seed of chance. */
export class Scene implements AsyncDisposable {
  #worlds = 0;

  private constructor(
    readonly meta: MetadataServer,
    /** Of the tables that are synced. */
    readonly source: TestServer,
    readonly program: Program,
    readonly seed: number,
  ) {}

  /** `apart`: the tables that are synced have a server of their own, which can be harmed without the metadata. */
  static async open({ apart = false } = {}): Promise<Scene> {
    const seed = seedOf(process.env);
    process.stderr.write(`CHAOS_SEED=${seed}\n`);
    const [meta, own, program] = await Promise.all([
      startMetadataServer(),
      apart ? startPostgres() : undefined,
      buildReplica(),
    ]);
    return new Scene(meta, own ?? meta.server, program, seed);
  }

  /** A world with empty metadata. */
  world(store: StoreName, more: Partial<WorldOptions> = {}): Promise<World> {
    return World.open({
      ...{ server: this.source, program: this.program.path, random: new Random(this.seed) },
      metadata: store === 'postgres' ? this.meta.url(`chaos ${++this.#worlds}`) : undefined,
      ...more,
    });
  }

  async [Symbol.asyncDispose]() {
    if (this.source !== this.meta.server) await this.source[Symbol.asyncDispose]();
    await this.meta[Symbol.asyncDispose]();
    await this.program[Symbol.asyncDispose]();
  }
}
