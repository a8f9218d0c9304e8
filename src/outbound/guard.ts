import { lookup } from 'node:dns/promises';
import { AppError } from '../base/errors.ts';
import { isRefusedAddress } from '../domain/source-host.ts';
import { isPublicAddress, parseAddress } from './address.ts';
import { type AllowList, toHostName } from './allow-list.ts';
import { blocked } from './failures.ts';

/** All addresses of a name. Rejects with the code of the system's resolver. */
export type Resolver = (name: string) => Promise<readonly string[]>;

export const systemResolver: Resolver = async (name) =>
  (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address);

export interface GuardOptions {
  allow: AllowList;
  ports: ReadonlySet<number>;
}

/** A URL that was taken apart; where it leads is not decided yet. */
export interface Target {
  url: URL;
  /** A name in lower case without the root's dot, or an address without brackets. */
  host: string;
  isAddress: boolean;
  port: number;
  isTls: boolean;
  /** Host and port, as they may be told. */
  place: string;
}

const invalid = (says: string) => new AppError('request.invalid', `The URL ${says}`);

/** Spellings of addresses such as `0x7f.1` come out of the URL parser as plain addresses. Throws `request.invalid`. */
export function parseTarget(text: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw invalid('cannot be read');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalid('must begin with http:// or https://');
  if (url.username !== '' || url.password !== '')
    throw invalid('must not hold a user or password; they are given as authentication');
  url.hash = '';
  const isTls = url.protocol === 'https:';
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port);
  const bare = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isAddress = parseAddress(bare) !== undefined;
  const host = isAddress ? bare : toHostName(bare);
  if (host === '') throw invalid('has no host');
  return { url, host, isAddress, port, isTls, place: `${url.hostname.replace(/\.$/, '')}:${port}` };
}

/** What may be called, and at which addresses. */
export class Guard {
  constructor(readonly options: GuardOptions) {}

  /** Throws `outbound.blocked` unless every address that the name has may be called at the port: one that may not tells of a trick. */
  check({ host, port, place }: Target, addresses: readonly string[]): void {
    const { allow, ports } = this.options;
    const isNamed = allow.hasName(host, port);
    for (const address of addresses) {
      if (allow.hasAddress(address, port)) continue;
      if (isNamed && !isRefusedAddress(address)) continue;
      if (!isPublicAddress(address))
        throw blocked(place, 'address', 'is not on the public internet, and OUTBOUND_ALLOW does not name it');
      if (!ports.has(port))
        throw blocked(place, 'port', 'has a port that neither OUTBOUND_PORTS nor OUTBOUND_ALLOW names');
    }
  }
}
