import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptSecret, readSecret, secretPath } from '../../../src/cli/secret-file.ts';
import { completeConfig } from '../../../src/cli/settings.ts';

let folder: string;
let metadata: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secret-'));
  metadata = join(folder, 'data/meta.sqlite');
  path = secretPath(metadata);
});
afterEach(() => rmSync(folder, { recursive: true }));

test('is made once, for its owner only, and kept', async () => {
  const secret = await keptSecret(metadata);
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
  expect(await keptSecret(metadata)).toBe(secret);
  expect(readdirSync(join(folder, 'data'))).toEqual(['secret.key']);
});

test('many that start at once get the same one', async () => {
  const secrets = await Promise.all(Array.from({ length: 20 }, () => keptSecret(metadata)));
  expect(new Set(secrets).size).toBe(1);
  expect(readdirSync(join(folder, 'data'))).toEqual(['secret.key']);
});

describe('is refused', () => {
  beforeEach(async () => {
    await keptSecret(metadata);
  });

  test.each([0o640, 0o604, 0o660])('when others could read it (%o)', async (mode) => {
    chmodSync(path, mode);
    expect(readSecret(path)).rejects.toThrow('can be read by others');
  });

  test('when it is a link', async () => {
    const target = join(folder, 'elsewhere');
    writeFileSync(target, readFileSync(path), { mode: 0o600 });
    rmSync(path);
    symlinkSync(target, path);
    expect(keptSecret(metadata)).rejects.toThrow('is a link');
  });

  test('when it is too short', async () => {
    writeFileSync(path, 'short\n');
    expect(keptSecret(metadata)).rejects.toThrow('too short');
  });
});

test('completes the settings of development, and leaves a given key alone', async () => {
  const generated = await completeConfig({ METADATA_DB_PATH: metadata });
  expect(generated.SECRET_KEY).toBe(readFileSync(path, 'utf8').trim());
  const given = '7d1f0c9ae2b84356a1d2e3f405162738';
  const other = join(folder, 'other/meta.sqlite');
  expect((await completeConfig({ METADATA_DB_PATH: other, SECRET_KEY: given })).SECRET_KEY).toBe(given);
  expect(readdirSync(folder)).toEqual(['data']);
});
