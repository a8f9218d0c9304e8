import ipaddr from 'ipaddr.js';
import { isRefusedAddress } from '../domain/source-host.ts';

/** What is on the internet has its addresses here; the rest of IPv6 is private, special or not given out. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/** Where a network without IPv4 translates (RFC 6052): the last four bytes are the IPv4 address that is meant. */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** An address without its zone; IPv4 in IPv6 as IPv4. Undefined when it is none in its usual spelling. */
export function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  if (!ipaddr.IPv4.isValidFourPartDecimal(bare) && !ipaddr.IPv6.isValid(bare)) return undefined;
  return ipaddr.process(bare);
}

/** Whether an address is one of the public internet: not private, loopback, link-local, shared, multicast, reserved, or of cloud metadata. */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text);
  if (!address || isRefusedAddress(text)) return false;
  if (address.kind() === 'ipv4') return address.range() === 'unicast';
  const ipv6 = address as ipaddr.IPv6;
  if (ipv6.match(NAT64)) return isPublicAddress(new ipaddr.IPv4(ipv6.toByteArray().slice(12)).toString());
  return ipv6.range() === 'unicast' && ipv6.match(GLOBAL_UNICAST);
}
