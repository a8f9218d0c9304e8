import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const PLAIN_IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** An address as text, IPv4 in IPv6 as IPv4, a zone (`%eth0`) dropped; undefined when it is none. */
export function normalAddress(text: string): string | undefined {
  if (PLAIN_IPV4.test(text)) return text;
  const bare = text
    .trim()
    .replace(/^\[(.*)\](?::\d+)?$/, '$1')
    .replace(/%.*$/, '');
  const withoutPort = /^\d+\.\d+\.\d+\.\d+:\d+$/.test(bare) ? bare.slice(0, bare.indexOf(':')) : bare;
  if (!ipaddr.IPv4.isValidFourPartDecimal(withoutPort) && !ipaddr.IPv6.isValid(withoutPort)) return undefined;
  return ipaddr.process(withoutPort).toString();
}

function parseNetwork(text: string): [Address, number] | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  const address = normalAddress(text);
  if (address === undefined) return undefined;
  const parsed = ipaddr.parse(address);
  return [parsed, parsed.kind() === 'ipv4' ? 32 : 128];
}

/** A test whether an address is in one of the networks (`10.0.0.0/8`, `::1`, `*` = all). `faulty` names the entries that are none. */
export function networks(entries: readonly string[]): {
  has(address: string): boolean;
  faulty: readonly string[];
} {
  const parsed = entries
    .filter((entry) => entry !== '*')
    .map((entry) => [entry, parseNetwork(entry)] as const);
  const nets = parsed.map(([, net]) => net).filter((net) => net !== undefined);
  const all = entries.includes('*');
  return {
    faulty: parsed.filter(([, net]) => net === undefined).map(([entry]) => entry),
    has(address) {
      const normal = normalAddress(address);
      if (normal === undefined) return false;
      if (all) return true;
      const tested = ipaddr.parse(normal);
      return nets.some(([net, bits]) => net.kind() === tested.kind() && tested.match([net, bits] as never));
    },
  };
}
