import { ADMIN, until } from '../support/service-kit.ts';
import type { Arms, Order } from './orders.ts';

/** A line that a process said: an event of its log, or of the harness. */
export interface Said {
  event: string;
  [fact: string]: unknown;
}

export interface ReplicaSettings {
  /** The file of the program (program.ts). */
  program: string;
  env: Record<string, string>;
  arms?: Arms | undefined;
}

/** An answer that is a problem. */
export class Refused extends Error {
  constructor(
    request: string,
    readonly status: number,
    readonly problem: { code?: string },
  ) {
    super(`${request} gave ${status}: ${JSON.stringify(problem)}`);
  }
}

/** A process of the service, which may end at any time. */
export class Replica implements AsyncDisposable {
  readonly said: Said[] = [];
  readonly #child: Bun.Subprocess<'pipe', 'pipe', 'pipe'>;
  readonly #hearing: Promise<unknown>;
  #token: string | undefined;
  #errors = '';
  hasEnded = false;

  constructor(readonly settings: ReplicaSettings) {
    this.#child = Bun.spawn([process.execPath, settings.program, JSON.stringify(settings)], {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
      env: { PATH: process.env.PATH ?? '' },
    });
    this.#hearing = Promise.all([this.#hear(), this.#hearErrors()]);
    void this.#child.exited.then(() => {
      this.hasEnded = true;
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  get exited(): Promise<number> {
    return this.#child.exited;
  }

  get url(): string | undefined {
    return this.said.find(({ event }) => event === 'ready')?.url as string | undefined;
  }

  /** What it did to itself, if it came to it. */
  get fault(): Said | undefined {
    return this.said.find(({ event }) => event === 'fault');
  }

  heard(event: string): Said[] {
    return this.said.filter((said) => said.event === event);
  }

  async #hear(): Promise<void> {
    let rest = '';
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) this.said.push(JSON.parse(line) as Said);
    }
  }

  async #hearErrors(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) this.#errors += text;
  }

  /** Resolves when it answers, or has come to its fault before; throws when it ended for another reason. */
  async ready(): Promise<void> {
    await until(() => this.url !== undefined || this.fault !== undefined || this.hasEnded);
    if (this.url === undefined && this.fault === undefined)
      throw new Error(`the process ended before it was ready: ${this.#errors}${JSON.stringify(this.said)}`);
  }

  /** Gives an order, and waits until it is obeyed; false where the process ends first. */
  async order(order: Order): Promise<boolean> {
    await this.ready();
    if (this.hasEnded) return false;
    // A sign-in ends by the clock.
    if ('clockMs' in order) this.#token = undefined;
    const before = this.heard('obeyed').length;
    this.#child.stdin.write(`${JSON.stringify(order)}\n`);
    this.#child.stdin.flush();
    await until(() => this.heard('obeyed').length > before || this.hasEnded);
    return !this.hasEnded;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#child.exited;
    await this.#hearing;
  }

  /** Ends it in order; gives the exit code. */
  async stop(): Promise<number> {
    this.#child.kill('SIGTERM');
    const code = await this.#child.exited;
    await this.#hearing;
    return code;
  }

  async #signIn(): Promise<string> {
    return (await this.#answered('POST', '/auth/login', ADMIN, {})).token;
  }

  async #answered(method: string, path: string, body: unknown, headers: Record<string, string>) {
    const response = await fetch(`${this.url}/api${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
    const json = (text === '' ? undefined : JSON.parse(text)) as any;
    if (response.status >= 400) throw new Refused(`${method} ${path}`, response.status, json);
    return json;
  }

  /** A request of the admin; throws Refused where the answer is a problem. */
  async call(method: string, path: string, body?: unknown) {
    this.#token ??= await this.#signIn();
    return this.#answered(method, path, body, { authorization: `Bearer ${this.#token}` });
  }

  async [Symbol.asyncDispose]() {
    await this.kill();
  }
}
