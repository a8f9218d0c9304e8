export interface Reply {
  status: number;
  headers: Headers;
  text: string;
}

export interface Init {
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  token?: string;
}

/** Sends requests as one user. */
export class Client {
  constructor(
    readonly url: string,
    readonly token: string,
    /** Of its requests, the share that may keep their connection for another one; the rest spread over all processes. */
    readonly keeps = 0,
  ) {}

  async call(method: string, path: string, init: Init = {}): Promise<Reply> {
    const { body } = init;
    const response = await fetch(this.url + path, {
      method,
      keepalive: Math.random() < this.keeps,
      headers: {
        authorization: `Bearer ${init.token ?? this.token}`,
        ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
        ...init.headers,
      },
      ...(body === undefined ? {} : { body: bodyOf(body) }),
      ...(init.signal ? { signal: init.signal } : {}),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  async upload(name: string, csv: string): Promise<Reply> {
    const form = new FormData();
    form.append('name', name);
    form.append('file', new Blob([csv]), 'rows.csv');
    return this.call('POST', '/api/datasets', { body: form });
  }
}

const bodyOf = (body: unknown): string | FormData =>
  typeof body === 'string' || body instanceof FormData ? body : JSON.stringify(body);

export async function signIn(url: string, user: { email: string; password: string }): Promise<string> {
  const answer = await fetch(`${url}/api/auth/login`, {
    method: 'POST',
    keepalive: false,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(user),
  });
  if (answer.status !== 200) throw new Error(`the sign-in was answered ${answer.status}`);
  return ((await answer.json()) as { token: string }).token;
}
