import ipaddr from 'ipaddr.js';
import { AppError } from '../base/errors.ts';

/** Where clouds hand out the credentials of their machines, and link-local networks, where no database lives. */
const REFUSED_NETWORKS = [
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::/32',
  'fd20:ce::254/128',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
].map((network) => ipaddr.parseCIDR(network));

const REFUSED_NAMES = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'metadata.tencentyun.com',
  'instance-data',
  'instance-data.ec2.internal',
]);

/** Networks whose last four bytes are an IPv4 address: IPv4-compatible and both of NAT64. */
const CARRIERS = ['::/96', '64:ff9b::/96', '64:ff9b:1::/48'].map((network) => ipaddr.IPv6.parseCIDR(network));
const SIX_TO_FOUR = ipaddr.IPv6.parseCIDR('2002::/16');

function carried(address: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  const bytes = address.toByteArray();
  if (address.match(SIX_TO_FOUR)) return new ipaddr.IPv4(bytes.slice(2, 6));
  if (CARRIERS.some((network) => address.match(network))) return new ipaddr.IPv4(bytes.slice(12));
  return undefined;
}

/** Whether no connection may be made to an address (IPv4 in IPv6 too), whatever name led to it. */
export function isRefusedAddress(text: string): boolean {
  const bare = text.replace(/%.*$/, '');
  if (!ipaddr.isValid(bare)) return false;
  const address = ipaddr.process(bare);
  const inner = address.kind() === 'ipv6' ? carried(address as ipaddr.IPv6) : undefined;
  return [address, ...(inner ? [inner] : [])].some((each) =>
    REFUSED_NETWORKS.some(([net, bits]) => net.kind() === each.kind() && each.match([net, bits] as never)),
  );
}

/** Labels of letters, digits, hyphens and underscores; the last is not a number, which would be an address in disguise. */
const NAME =
  /^(?=.{1,253}\.?$)(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,61}[\p{L}\p{N}_])?\.)*(?!(?:\d+|0x[\da-f]*)\.?$)[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,61}[\p{L}\p{N}_])?\.?$/iu;

const fault = (message: string, pointer: string) =>
  new AppError('request.invalid', `${pointer} ${message}`, { pointer });

/** The name or address of a server, brackets taken off. Throws AppError `request.invalid`. Private addresses are fine. */
export function toSourceHost(text: string, pointer: string): string {
  const host = text.replace(/^\[(.*)\]$/, '$1');
  if (host !== text && !ipaddr.IPv6.isValid(host))
    throw fault('has no IPv6 address in its brackets', pointer);
  if (host.includes('/') || host.startsWith('\\') || host.startsWith('@'))
    throw fault(
      'must be the name or address of a server; Unix sockets and named pipes are not used',
      pointer,
    );
  if (host.includes(','))
    throw fault(
      'must be one server; the port has a field of its own, and lists of servers are not used',
      pointer,
    );
  if (host.includes('@'))
    throw fault('has an @ in the name of the server; in a DSN an @ in the password is written %40', pointer);
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(host) || ipaddr.IPv6.isValid(host);
  const name = host.normalize('NFKC').toLowerCase().replace(/\.$/, '');
  if (!isAddress && !(NAME.test(host) && NAME.test(name)))
    throw fault('must be the name of a server, an IPv4 address in four parts, or an IPv6 address', pointer);
  if (REFUSED_NAMES.has(name) || isRefusedAddress(host))
    throw fault('is an address of cloud metadata or of a link-local network, which no database has', pointer);
  return host;
}

const LOCAL_NETWORKS = ['127.0.0.0/8', '::1/128'].map((network) => ipaddr.parseCIDR(network));

/** This machine: what goes there is on no wire. */
export function isLocalHost(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  if (!ipaddr.isValid(host)) return false;
  const address = ipaddr.process(host);
  return LOCAL_NETWORKS.some(
    ([net, bits]) => net.kind() === address.kind() && address.match([net, bits] as never),
  );
}
