import ipaddr from 'ipaddr.js';
import { isRefusedAddress } from '../domain/source-host.ts';
import { parseAddress } from './address.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

interface Entry {
  /** A name in lower case, or a network. */
  where: string | [network: Address, bits: number];
  /** Undefined: any. */
  port: number | undefined;
}

const NAME = /^(?=.{1,253}$)[a-z\d_](?:[a-z\d_-]*[a-z\d_])?(?:\.[a-z\d_](?:[a-z\d_-]*[a-z\d_])?)*$/;
const WITH_PORT = /^(.*[^:]|\[.*\]):(\d{1,5})$/;

/** A name as it is compared: lower case, ASCII, without the dot of the root. */
export const toHostName = (host: string) => host.toLowerCase().replace(/\.$/, '');

function parseWhere(text: string): Entry['where'] | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  const address = parseAddress(text);
  if (address) return [address, address.kind() === 'ipv4' ? 32 : 128];
  const name = toHostName(text);
  return NAME.test(name) && /[^\d.]/.test(name) ? name : undefined;
}

function parseEntry(text: string): Entry | undefined {
  const whole = parseWhere(text);
  if (whole) return { where: whole, port: undefined };
  const [, host = '', digits] = WITH_PORT.exec(text) ?? [];
  const port = Number(digits);
  const where = parseWhere(host);
  return where && port >= 1 && port <= 65_535 ? { where, port } : undefined;
}

const isOne = (address: Address, bits: number) => bits === (address.kind() === 'ipv4' ? 32 : 128);

/**
 * What may be called although it is not public, as `OUTBOUND_ALLOW` spells it: names, addresses and networks, each with a port or for any.
 * An address of cloud metadata must be named itself; no network holds it.
 */
export class AllowList {
  readonly #entries: readonly Entry[];
  /** Entries that are none. */
  readonly faulty: readonly string[];

  constructor(entries: readonly string[]) {
    const parsed = entries.map((text) => [text, parseEntry(text)] as const);
    this.#entries = parsed.flatMap(([, entry]) => (entry ? [entry] : []));
    this.faulty = parsed.filter(([, entry]) => !entry).map(([text]) => text);
  }

  /** Whether the name itself is trusted with the port, wherever it leads. */
  hasName(name: string, port: number): boolean {
    return this.#entries.some(({ where, port: only }) => where === name && (only ?? port) === port);
  }

  hasAddress(text: string, port: number): boolean {
    const address = parseAddress(text);
    if (!address) return false;
    const isMetadata = isRefusedAddress(text);
    return this.#entries.some(({ where, port: only }) => {
      if (typeof where === 'string' || (only ?? port) !== port) return false;
      const [network, bits] = where;
      if (network.kind() !== address.kind() || (isMetadata && !isOne(network, bits))) return false;
      return address.match([network, bits] as never);
    });
  }
}
