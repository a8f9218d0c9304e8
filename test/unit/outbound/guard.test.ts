import { describe, expect, test } from 'bun:test';
import { isPublicAddress } from '../../../src/outbound/address.ts';
import { AllowList } from '../../../src/outbound/allow-list.ts';
import type { Resolver } from '../../../src/outbound/guard.ts';
import { clientFor, faultOf } from './kit.ts';

/** Names lead where a hostile zone would have them lead. */
const ZONE: Record<string, string[]> = {
  'loopback.example': ['127.0.0.1'],
  'private.example': ['10.0.0.1'],
  'mixed.example': ['93.184.216.34', '192.168.1.1'],
  'metadata.example': ['169.254.169.254'],
  'six.example': ['::1'],
  'mapped.example': ['::ffff:10.0.0.1'],
  'ula.example': ['fd12:3456::1'],
  'zoned.example': ['fe80::1%eth0'],
  localhost: ['127.0.0.1', '::1'],
  'metadata.google.internal': ['169.254.169.254'],
  intranet: ['192.168.7.7'],
};
const resolver: Resolver = async (name) => ZONE[name] ?? [];

const HOSTILE = [
  'http://127.0.0.1/',
  'http://127.0.0.1:8080/',
  'http://127.1/',
  'http://127.0.1/',
  'http://127.255.255.254/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0x7f.0.0.1/',
  'http://0x7f.1/',
  'http://017700000001/',
  'http://0177.0.0.1/',
  'http://0177.1/',
  'http://127.0.0.1./',
  'http://0/',
  'http://0.0.0.0/',
  'http://0.1.2.3/',
  'http://①②⑦.⓪.⓪.①/',
  'http://127。0。0。1/',
  'http://%31%32%37.0.0.1/',
  'http:\\\\127.0.0.1\\',
  'http:127.0.0.1/',
  'http:///127.0.0.1/',
  'http://localhost/',
  'http://LOCALHOST/',
  'http://localhost./',
  'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/',
  'http://loopback.example/',
  'http://loopback.example./',
  'http://private.example/',
  'http://mixed.example/',
  'http://metadata.example/',
  'http://six.example/',
  'http://mapped.example/',
  'http://ula.example/',
  'http://zoned.example/',
  'http://intranet/',
  'http://metadata.google.internal/computeMetadata/v1/',
  'http://10.0.0.1/',
  'http://10.255.255.255/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.168.0.1/',
  'http://3232235521/',
  'http://100.64.0.1/',
  'http://100.127.255.255/',
  'http://100.100.100.200/',
  'http://168.63.129.16/',
  'http://169.254.169.254/latest/meta-data/',
  'http://169.254.0.1/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://0251.0376.0251.0376/',
  'http://192.0.0.192/',
  'http://192.0.2.1/',
  'http://192.88.99.1/',
  'http://198.18.0.1/',
  'http://198.51.100.1/',
  'http://203.0.113.1/',
  'http://224.0.0.1/',
  'http://239.255.255.250/',
  'http://240.0.0.1/',
  'http://255.255.255.255/',
  'http://[::]/',
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[::127.0.0.1]/',
  'http://[::a9fe:a9fe]/',
  'http://[64:ff9b::127.0.0.1]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[64:ff9b:1::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[2002:a00:1::1]/',
  'http://[2001:0:7f00:1::1]/',
  'http://[fe80::1]/',
  'http://[fec0::1]/',
  'http://[fc00::1]/',
  'http://[fd00:ec2::254]/',
  'http://[fd20:ce::254]/',
  'http://[ff02::1]/',
  'http://[100::1]/',
  'http://[2001:db8::1]/',
  'http://[3fff::1]/',
  'http://[4000::1]/',
  'http://[5f00::1]/',
];
const NOT_CALLED = [
  'ftp://example.com/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_INFO',
  'data:text/plain,x',
  'unix:/var/run/docker.sock',
  'http://user@93.184.216.34/',
  'http://user:secret@93.184.216.34/',
  'http://93.184.216.34@127.0.0.1/',
  'http://[::1%25lo]/',
  'http://',
  '//127.0.0.1/',
  '127.0.0.1',
];

describe('what is not on the public internet', () => {
  test.each(HOSTILE)('%s is refused before a connection is made', async (url) => {
    const { get, metrics } = clientFor([], { resolver, ports: [80, 8080] });
    const fault = await faultOf(get(url));
    expect(fault).toMatchObject({ code: 'outbound.blocked', reason: 'address' });
    expect(fault.message).toContain('OUTBOUND_ALLOW');
    const text = await metrics.registry.metrics();
    expect(text).toContain('limits_hit_total{limit="OUTBOUND_ALLOW"} 1');
    expect(text).toContain('outbound_requests_total{purpose="ingest",outcome="blocked"} 1');
  });

  test.each(NOT_CALLED)('%s is no URL to call', async (url) => {
    const fault = await faultOf(clientFor([], { resolver }).get(url));
    expect(fault.code).toBe('request.invalid');
    expect(fault.message).not.toContain('secret');
  });

  test('there are more than sixty of them', () => {
    expect(HOSTILE.length).toBeGreaterThan(60);
  });

  test('a port that is not named is refused', async () => {
    const { get } = clientFor([]);
    expect(await faultOf(get('http://93.184.216.34:6379/'))).toMatchObject({
      code: 'outbound.blocked',
      reason: 'port',
    });
  });
});

test.each([
  ['93.184.216.34', true],
  ['2606:4700::1111', true],
  ['64:ff9b::5db8:d822', true],
  ['::ffff:93.184.216.34', true],
  ['64:ff9b::a00:1', false],
  ['2606:4700::1111%eth0', true],
  ['example.com', false],
  ['0x7f.1', false],
  ['', false],
])('%p is public: %p', (address, is) => {
  expect(isPublicAddress(address)).toBe(is);
});

describe('OUTBOUND_ALLOW', () => {
  const list = new AllowList([
    'api.intern',
    'db.intern:9000',
    '10.1.0.0/16',
    '192.168.0.5:8123',
    '[fd00::5]:8080',
    'fd00:1::/32',
    '169.254.0.0/16',
    '169.254.169.254:80',
  ]);
  test.each<[name: string, port: number, is: boolean]>([
    ['api.intern', 80, true],
    ['api.intern', 12_345, true],
    ['other.intern', 80, false],
    ['sub.api.intern', 80, false],
    ['db.intern', 9000, true],
    ['db.intern', 9001, false],
  ])('name %s with port %p: %p', (name, port, is) => {
    expect(list.hasName(name, port)).toBe(is);
  });
  test.each<[address: string, port: number, is: boolean]>([
    ['10.1.255.255', 1, true],
    ['::ffff:10.1.0.1', 1, true],
    ['10.2.0.1', 1, false],
    ['192.168.0.5', 8123, true],
    ['192.168.0.5', 80, false],
    ['fd00::5', 8080, true],
    ['fd00::6', 8080, false],
    ['fd00:1:2::1', 443, true],
    ['169.254.1.1', 80, false],
    ['169.254.169.254', 80, true],
    ['169.254.169.254', 81, false],
    ['api.intern', 80, false],
  ])('address %s with port %p: %p', (address, port, is) => {
    expect(list.hasAddress(address, port)).toBe(is);
  });

  test('what is no entry is named', () => {
    expect(new AllowList(['*', 'a b', '10.0.0.0/99', 'host:99999', 'ok.example', '::1']).faulty).toEqual([
      '*',
      'a b',
      '10.0.0.0/99',
      'host:99999',
    ]);
  });

  test('a trusted name does not lead to cloud metadata', async () => {
    const { get } = clientFor(['api.intern'], { resolver: async () => ['169.254.169.254'] });
    expect(await faultOf(get('http://api.intern/'))).toMatchObject({ code: 'outbound.blocked' });
  });
});
