import { afterAll, beforeAll, expect, test } from 'bun:test';
import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonModule } from '../clients/generate-python.ts';
import { findCommand } from '../programs.ts';
import { ADMIN, openService, type TestService } from '../support/service-kit.ts';

const ROOT = join(import.meta.dir, '../..');
const CLIENTS = join(ROOT, 'test/clients');
let service: TestService;
let folder: string;
let document: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reporting-clients-'));
  service = await openService();
  document = join(folder, 'openapi.json');
  await Bun.write(document, (await service.call('GET', '/api/openapi.json')).text);
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** What a program prints; throws what it complains of. */
async function run(...command: string[]): Promise<string> {
  const child = Bun.spawn(command, { cwd: folder, stdout: 'pipe', stderr: 'pipe', stdin: 'ignore' });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${out}${err}`);
  return out;
}

/** What both clients are to see. */
const SEEN = {
  role: 'admin',
  rowCount: 3,
  names: ['fruit'],
  members: [['fig'], ['pear'], []],
  cells: [
    ['4.00', null, '4.00'],
    ['1.50', '2.25', '3.75'],
    ['5.50', '2.25', '7.75'],
  ],
  code: 'query.field',
  removed: 204,
};

test('a client of openapi-typescript and openapi-fetch compiles and works', async () => {
  await run(process.execPath, join(CLIENTS, 'generate-typescript.ts'), document, join(folder, 'api.ts'));
  await copyFile(join(CLIENTS, 'typescript/client.ts'), join(folder, 'client.ts'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const { compilerOptions } = await Bun.file(join(ROOT, 'tsconfig.json')).json();
  await Bun.write(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['client.ts'] }));
  await run(join(ROOT, 'node_modules/.bin/tsc'), '--project', folder);
  const printed = await run(process.execPath, 'client.ts', service.url, ADMIN.email, ADMIN.password);
  expect(JSON.parse(printed)).toEqual(SEEN);
});

test('a client of Python classes by quicktype compiles and works', async () => {
  const python = findCommand('python3');
  if (!python) throw new Error('python3 is needed: test/programs.ts');
  await Bun.write(join(folder, 'api.py'), await pythonModule(await Bun.file(document).json()));
  await copyFile(join(CLIENTS, 'python/client.py'), join(folder, 'client.py'));
  await run(python, '-m', 'py_compile', 'api.py', 'client.py');
  const printed = await run(python, 'client.py', service.url, ADMIN.email, ADMIN.password, document);
  expect(JSON.parse(printed)).toEqual(SEEN);
});
