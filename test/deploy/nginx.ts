import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCommand } from '../programs.ts';

/** The site as it ships. */
export const SITE = readFileSync(join(import.meta.dir, '../../deploy/nginx-reporting-api.conf'), 'utf8');

/** The site with its optional cache. */
export const withCache = (site: string, folder: string) =>
  site
    .replace(/^( *)# (proxy_(?:cache|buffering on|ignore_headers).*;)$/gm, '$1$2')
    .replace('/var/cache/nginx', folder);

/** A real Nginx in a folder of its own. */
export class Nginx implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  #child: Bun.Subprocess | undefined;

  constructor() {
    mkdirSync(join(this.folder, 'logs'));
  }

  #configuration(site: string): string {
    const { folder } = this;
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    writeFileSync(join(folder, 'site.conf'), site);
    const path = join(folder, 'nginx.conf');
    writeFileSync(
      path,
      `daemon off; pid ${folder}/nginx.pid; error_log stderr notice; worker_processes 1;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 64; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  include ${folder}/site.conf;
}
`,
    );
    return path;
  }

  #command(site: string, ...more: string[]): string[] {
    const found = findCommand('nginx');
    if (!found) throw new Error('nginx is not installed (package nginx)');
    return [found, '-p', this.folder, '-e', 'stderr', '-c', this.#configuration(site), ...more];
  }

  /** What `nginx -t` says of a site. */
  check(site: string) {
    const run = Bun.spawnSync(this.#command(site, '-t'));
    return { code: run.exitCode, text: run.stderr.toString() };
  }

  async start(site: string): Promise<void> {
    const child = Bun.spawn(this.#command(site), { stdout: 'ignore', stderr: 'pipe' });
    this.#child = child;
    const started = Promise.withResolvers<void>();
    void this.#read(child.stderr, started);
    await started.promise;
  }

  /** Until Nginx says that its worker runs; then what else it says is let go. */
  async #read(stream: ReadableStream<Uint8Array>, started: PromiseWithResolvers<void>): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      text += decoder.decode(bytes, { stream: true });
      if (text.includes('start worker process ')) started.resolve();
    }
    started.reject(new Error(`nginx did not start:\n${text}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child?.kill('SIGQUIT');
    await this.#child?.exited;
    rmSync(this.folder, { recursive: true });
  }
}
