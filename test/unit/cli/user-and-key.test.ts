import { describe, expect, test } from 'bun:test';
import type { Commands } from '../../../src/cli/run.ts';
import { runCli } from '../../../src/cli/run.ts';
import { startIdentity } from '../../http/identity-kit.ts';

const COMMANDS: Commands = {
  user: async () => (await import('../../../src/cli/user.ts')).userCommand,
  key: async () => (await import('../../../src/cli/key.ts')).keyCommand,
};

/** A running service, and the command line on its metadata. */
async function place() {
  const app = await startIdentity();
  async function cli(line: string, stdin = '') {
    const written = { out: '', err: '' };
    const io = {
      env: { METADATA_DB_PATH: app.path },
      out(text: string) {
        written.out += text;
      },
      err(text: string) {
        written.err += text;
      },
      stdin: async () => stdin,
    };
    const code = await runCli(line.split(' '), io, COMMANDS);
    return { code, ...written, json: () => JSON.parse(written.out) };
  }
  return { app, cli, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}

const CREATE = 'user create --email A@Example.com --role admin';

describe('user', () => {
  test('create shows a password that signs in while the service runs', async () => {
    await using it = await place();
    const made = await it.cli(`${CREATE} --name Ann`);
    expect(made).toMatchObject({ code: 0, err: '' });
    const password = /^Password: ([0-9A-Za-z]{20})$/m.exec(made.out)?.[1];
    const login = await it.app.call('POST', '/auth/login', { body: { email: 'a@example.com', password } });
    expect(login.body.user).toMatchObject({ name: 'Ann', role: 'admin' });
  });

  test('create takes a password from the standard input and does not show it', async () => {
    await using it = await place();
    const made = await it.cli(`${CREATE} --password-stdin --json`, 'from the pipe 1\n');
    expect(made.json()).toMatchObject({ email: 'a@example.com', role: 'admin', disabled: false });
    expect(made.out).not.toContain('pipe');
    const body = { email: 'a@example.com', password: 'from the pipe 1' };
    expect((await it.app.call('POST', '/auth/login', { body })).status).toBe(200);
  });

  test('list, disable, enable, set-password', async () => {
    await using it = await place();
    await it.cli(CREATE);
    const { email, headers } = await it.app.as('viewer');
    expect((await it.cli('user list')).out).toMatch(/^usr_\S+ +viewer@example.com +viewer +viewer +no$/m);
    expect((await it.cli(`user disable ${email}`)).out).toBe(`Disabled ${email}\n`);
    it.app.clock.advanceS(2);
    expect((await it.app.call('GET', '/auth/me', { headers })).status).toBe(401);
    const list = (await it.cli('user list --json')).json();
    expect(list.map(({ disabled }: { disabled: boolean }) => disabled)).toEqual([true, false]);
    expect((await it.cli(`user enable ${email}`)).code).toBe(0);
    const set = await it.cli(`user set-password ${email} --json`);
    const body = { email, password: set.json().password };
    expect((await it.app.call('POST', '/auth/login', { body })).status).toBe(200);
    const actions = (await it.app.identity.audit.list({ actor: 'cli' }, 10)).map(({ action }) => action);
    expect(actions).toEqual(['user.update', 'user.update', 'user.update', 'user.create']);
  });

  const refusals: [line: string, code: number, err: string][] = [
    ['user', 2, 'An action is missing'],
    ['user constructor', 2, 'Unknown action "constructor"'],
    ['user create --email a@b', 2, '--role is missing'],
    ['user create --email a@b --role admin --sudo', 2, '--sudo'],
    ['user create --email a@b --role root', 1, '/role must be one of viewer, editor, admin'],
    ['user create --email nobody --role admin', 1, '/email'],
    ['user create --email a@b --role admin --password-stdin', 1, '/password'],
    ['user create --email taken@example.com --role viewer', 1, 'with this e-mail address already'],
    ['user disable', 2, 'EMAIL is missing'],
    ['user disable a@b c@d', 2, 'Unexpected argument "c@d"'],
    ['user disable a@b', 1, 'There is no user a@b'],
    ['user disable taken@example.com', 1, 'the last enabled admin'],
  ];
  test.each(refusals)('%s: exit code %p', async (line, code, err) => {
    await using it = await place();
    await it.cli('user create --email taken@example.com --role admin');
    const answer = await it.cli(line, 'short\n');
    expect(answer.err).toContain(err);
    expect(answer).toMatchObject({ code, out: '' });
    expect(await it.app.store.users.count()).toBe(1);
  });
});

describe('key', () => {
  test('create, list, revoke', async () => {
    await using it = await place();
    const { email } = await it.app.as('editor');
    const made = await it.cli(`key create --user ${email} --name ci --scopes read,write --expires 30d`);
    expect(made.code).toBe(0);
    const key = /^rk_[0-9A-Za-z]{40}$/m.exec(made.out)?.[0] ?? '';
    const me = () => it.app.call('GET', '/auth/me', { headers: { 'x-api-key': key } });
    expect((await me()).body.scopes).toEqual(['read', 'write']);
    const [listed] = (await it.cli('key list --json')).json();
    expect(listed).toMatchObject({ name: 'ci', hint: key.slice(0, 8), revokedAt: null });
    expect(Date.parse(listed.expiresAt) - Date.parse(listed.createdAt)).toBeWithin(
      30 * 86_400_000 - 60_000,
      30 * 86_400_000 + 1,
    );
    const text = await it.cli('key list');
    expect(text.out).toContain(listed.id);
    expect(text.out).not.toContain(key);
    expect((await it.cli(`key revoke ${listed.id}`)).out).toBe(`Revoked ${listed.id}\n`);
    it.app.clock.advanceS(2);
    expect((await me()).status).toBe(401);
  });

  const refusals: [line: string, code: number, err: string][] = [
    ['key create --user viewer@example.com --name k', 2, '--scopes is missing'],
    ['key create --user viewer@example.com --name k --scopes read --expires soon', 2, '--expires'],
    [
      'key create --user viewer@example.com --name k --scopes read --expires 2020-01-01T00:00:00Z',
      1,
      '/expiresAt',
    ],
    ['key create --user viewer@example.com --name k --scopes read,all', 1, '/scopes/1'],
    ['key create --user viewer@example.com --name k --scopes write', 1, 'more rights than its owner'],
    ['key create --user a@b --name k --scopes read', 1, 'There is no user a@b'],
    ['key revoke key_1', 1, 'There is no API key key_1'],
    ['key list --all', 2, '--all'],
  ];
  test.each(refusals)('%s: exit code %p', async (line, code, err) => {
    await using it = await place();
    await it.app.as('viewer');
    const answer = await it.cli(line);
    expect(answer.err).toContain(err);
    expect(answer).toMatchObject({ code, out: '' });
    expect(await it.app.store.apiKeys.count()).toBe(0);
  });
});

test('a name cannot rewrite the terminal', async () => {
  await using it = await place();
  const made = await it.cli('user create --email \u001b[2J@example.com --role admin');
  expect(made).toMatchObject({ code: 1, out: '' });
  expect((await it.cli('user list')).out).not.toContain('\u001b');
});
