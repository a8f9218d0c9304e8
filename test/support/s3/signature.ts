import { createHash, createHmac } from 'node:crypto';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
}

export type Refusal =
  | 'AccessDenied'
  | 'InvalidAccessKeyId'
  | 'SignatureDoesNotMatch'
  | 'RequestTimeTooSkewed';

const MAX_SKEW_MS = 15 * 60 * 1000;
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

function canonicalQuery(url: URL, without: string): string {
  return [...url.searchParams]
    .filter(([name]) => name !== without)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
}

/** When a signature was made; `20260102T030405Z`. */
function timeOf(stamp: string): number {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp) ?? [];
  return Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s));
}

interface Claim {
  credential: string;
  signedHeaders: string;
  signature: string;
  stamp: string;
  bodyHash: string;
}

function claimOf(request: Request, url: URL): Claim | undefined {
  const inQuery = url.searchParams.get('X-Amz-Signature');
  if (inQuery !== null)
    return {
      credential: url.searchParams.get('X-Amz-Credential') ?? '',
      signedHeaders: url.searchParams.get('X-Amz-SignedHeaders') ?? '',
      signature: inQuery,
      stamp: url.searchParams.get('X-Amz-Date') ?? '',
      bodyHash: 'UNSIGNED-PAYLOAD',
    };
  const found =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      request.headers.get('authorization') ?? '',
    );
  if (!found) return undefined;
  return {
    credential: found[1]!,
    signedHeaders: found[2]!,
    signature: found[3]!,
    stamp: request.headers.get('x-amz-date') ?? '',
    bodyHash: request.headers.get('x-amz-content-sha256') ?? '',
  };
}

/** Whether a request bears the AWS Signature Version 4 of these credentials; says why not. */
export function checkSignature(
  request: Request,
  credentials: Credentials,
  nowMs: number,
): Refusal | undefined {
  const url = new URL(request.url);
  const claim = claimOf(request, url);
  if (!claim) return 'AccessDenied';
  const [keyId, day, region, service, end] = claim.credential.split('/');
  if (keyId !== credentials.accessKeyId) return 'InvalidAccessKeyId';
  if (region !== credentials.region || service !== 's3' || end !== 'aws4_request')
    return 'SignatureDoesNotMatch';
  if (!(Math.abs(nowMs - timeOf(claim.stamp)) <= MAX_SKEW_MS)) return 'RequestTimeTooSkewed';
  const names = claim.signedHeaders.split(';');
  const headers = names.map((name) => `${name}:${(request.headers.get(name) ?? '').trim()}\n`).join('');
  const canonical = [
    request.method,
    url.pathname
      .split('/')
      .map((part) => encoded(decodeURIComponent(part)))
      .join('/'),
    canonicalQuery(url, 'X-Amz-Signature'),
    headers,
    claim.signedHeaders,
    claim.bodyHash,
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', claim.stamp, scope, sha256(canonical)].join('\n');
  const key = hmac(
    hmac(hmac(hmac(`AWS4${credentials.secretAccessKey}`, day!), region), 's3'),
    'aws4_request',
  );
  return hmac(key, toSign).toString('hex') === claim.signature ? undefined : 'SignatureDoesNotMatch';
}
