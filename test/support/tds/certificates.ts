import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from './tls-bridge.ts';

export interface TestCertificates {
  ca: string;
  /** For `localhost` and 127.0.0.1. */
  local: Certificate;
  /** For `elsewhere.test` only. */
  elsewhere: Certificate;
}

async function openssl(folder: string, ...args: string[]): Promise<void> {
  const process = Bun.spawn(['openssl', ...args], { cwd: folder, stdout: 'ignore', stderr: 'pipe' });
  if ((await process.exited) !== 0) throw new Error(await new Response(process.stderr).text());
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

async function issue(folder: string, name: string, names: string): Promise<Certificate> {
  await openssl(
    folder,
    'req',
    ...KEY,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    `/CN=${name}`,
  );
  await writeFile(join(folder, `${name}.ext`), `subjectAltName=${names}\n`);
  await openssl(
    folder,
    ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-days', '2', '-extfile', `${name}.ext`, '-out', `${name}.crt`],
  );
  return {
    key: await readFile(join(folder, `${name}.key`), 'utf8'),
    cert: await readFile(join(folder, `${name}.crt`), 'utf8'),
  };
}

/** A certificate authority and what it issued, made anew for each run. */
export async function makeCertificates(): Promise<TestCertificates> {
  const folder = await mkdtemp(join(tmpdir(), 'tds-certificates-'));
  try {
    await openssl(
      folder,
      'req',
      '-x509',
      ...KEY,
      '-days',
      '2',
      '-keyout',
      'ca.key',
      '-out',
      'ca.crt',
      '-subj',
      '/CN=Test CA',
    );
    return {
      ca: await readFile(join(folder, 'ca.crt'), 'utf8'),
      local: await issue(folder, 'local', 'DNS:localhost,IP:127.0.0.1'),
      elsewhere: await issue(folder, 'elsewhere', 'DNS:elsewhere.test'),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
