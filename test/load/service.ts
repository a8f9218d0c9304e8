import { readFileSync } from 'node:fs';
import { ADMIN, Cluster } from '../processes/cluster.ts';
import { Client, signIn } from './client.ts';
import { childrenOf } from './procfs.ts';

const serves = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('serve');

/** The service as processes of their own, an admin signed in, and rows to ask for. */
export class LoadedService implements AsyncDisposable {
  private constructor(
    readonly cluster: Cluster,
    readonly client: Client,
  ) {}

  static async start(env: Record<string, string>): Promise<LoadedService> {
    const cluster = await Cluster.start({
      LOG_LEVEL: 'warning',
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      DUCKDB_THREADS: '1',
      DUCKDB_MEMORY_LIMIT: '256MiB',
      QUERY_RATE_PER_SEC: '100000',
      QUERY_BURST: '100000',
      ...env,
    });
    return new LoadedService(cluster, new Client(cluster.url, await signIn(cluster.url, ADMIN)));
  }

  get url(): string {
    return this.cluster.url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** The processes that serve; engine processes are their children. */
  get pids(): number[] {
    const children = childrenOf(this.cluster.child.pid).filter(serves);
    return children.length > 0 ? children : [this.cluster.child.pid];
  }

  async metric(line: string): Promise<number> {
    const { text } = await this.client.call('GET', '/api/metrics');
    const found = text.split('\n').find((each) => each.startsWith(`${line} `));
    return found === undefined ? 0 : Number(found.slice(line.length + 1));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cluster[Symbol.asyncDispose]();
  }
}

/** Orders whose every value follows from the row's number. */
export function ordersCsv(rows: number): string {
  const regions = ['north', 'south', 'east', 'west', 'centre'];
  const lines = ['id,region,customer,day,amount'];
  for (let i = 0; i < rows; i++) {
    const day = new Date(Date.UTC(2024, 0, 1 + (i % 700))).toISOString().slice(0, 10);
    lines.push(`${i},${regions[i % 5]},c${(i * 7919) % 4001},${day},${((i * 31) % 100_000) / 100}`);
  }
  return `${lines.join('\n')}\n`;
}
