import { describe, expect, test } from 'bun:test';
import { originReader } from '../../../src/http/forwarded.ts';
import { networks } from '../../../src/http/networks.ts';

const LOOPBACK = ['127.0.0.0/8', '::1'];

interface Scenario {
  name: string;
  allow?: string[];
  publicUrl?: string;
  peer?: string;
  headers: Record<string, string>;
  expected: { address?: string; scheme?: string; host?: string; forwarded?: boolean };
}

const SCENARIOS: Scenario[] = [
  {
    name: 'no proxy',
    peer: '198.51.100.7',
    headers: {},
    expected: { address: '198.51.100.7', scheme: 'http', host: 'api.example', forwarded: false },
  },
  {
    name: 'a trusted proxy',
    headers: {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'reports.example',
    },
    expected: { address: '203.0.113.9', scheme: 'https', host: 'reports.example', forwarded: true },
  },
  {
    name: 'a proxy that says nothing of HTTPS, where the service is reached by it',
    publicUrl: 'HTTPS://api.example',
    headers: { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'http' },
    expected: { address: '203.0.113.9', scheme: 'https', host: 'api.example' },
  },
  {
    name: 'no proxy, where the service is reached by plain HTTP',
    publicUrl: 'http://api.example',
    headers: {},
    expected: { scheme: 'http', forwarded: false },
  },
  {
    name: 'a stranger who plays proxy',
    peer: '198.51.100.7',
    headers: { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil' },
    expected: { address: '198.51.100.7', scheme: 'http', host: 'api.example', forwarded: true },
  },
  {
    name: 'a forged head of the chain',
    headers: { 'x-forwarded-for': '127.0.0.1, 203.0.113.9' },
    expected: { address: '203.0.113.9' },
  },
  {
    name: 'two trusted proxies',
    allow: [...LOOPBACK, '10.0.0.0/8'],
    headers: { 'x-forwarded-for': '1.1.1.1, 203.0.113.9, 10.1.2.3' },
    expected: { address: '203.0.113.9' },
  },
  {
    name: 'all trusted: the whole chain',
    allow: ['*'],
    peer: '198.51.100.7',
    headers: { 'x-forwarded-for': '203.0.113.9, 10.1.2.3' },
    expected: { address: '203.0.113.9' },
  },
  {
    name: 'IPv4 in IPv6 as peer',
    peer: '::ffff:127.0.0.1',
    headers: { 'x-forwarded-for': '203.0.113.9' },
    expected: { address: '203.0.113.9' },
  },
  {
    name: 'IPv6 with brackets and port',
    peer: '::1',
    headers: { 'x-forwarded-for': '[2001:db8::5]:4711' },
    expected: { address: '2001:db8::5' },
  },
  {
    name: 'IPv4 with a port',
    headers: { 'x-forwarded-for': '203.0.113.9:4711' },
    expected: { address: '203.0.113.9' },
  },
  {
    name: 'garbage for an address',
    headers: { 'x-forwarded-for': '203.0.113.9, <script>' },
    expected: { address: '127.0.0.1' },
  },
  { name: 'an empty chain', headers: { 'x-forwarded-for': ' , ' }, expected: { address: '127.0.0.1' } },
  {
    name: 'a shortened address',
    headers: { 'x-forwarded-for': '127.1' },
    expected: { address: '127.0.0.1' },
  },
  {
    name: 'garbage for a host and a scheme',
    headers: { 'x-forwarded-host': 'a b"><', 'x-forwarded-proto': 'javascript' },
    expected: { host: 'api.example', scheme: 'http' },
  },
  {
    name: 'a port beside the host',
    headers: {
      'x-forwarded-host': 'reports.example',
      'x-forwarded-port': '8443',
      'x-forwarded-proto': 'https',
    },
    expected: { host: 'reports.example:8443', scheme: 'https' },
  },
  {
    name: "the scheme's own port",
    headers: {
      'x-forwarded-host': 'reports.example',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    expected: { host: 'reports.example' },
  },
  {
    name: 'a list of schemes and hosts: the first',
    headers: { 'x-forwarded-host': 'a.example, b.example', 'x-forwarded-proto': 'https, http' },
    expected: { host: 'a.example', scheme: 'https' },
  },
  {
    name: 'nobody trusted',
    allow: [],
    headers: { 'x-forwarded-for': '203.0.113.9' },
    expected: { address: '127.0.0.1' },
  },
  {
    name: 'ten thousand hops of trusted addresses',
    allow: ['*'],
    headers: { 'x-forwarded-for': Array(10_000).fill('10.0.0.1').join(',') },
    expected: { address: '10.0.0.1' },
  },
];

describe('where a request comes from', () => {
  test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
    const { allow = LOOPBACK, publicUrl, peer = '127.0.0.1', headers, expected } = scenario;
    const request = new Request('http://api.example/x', { headers: { host: 'api.example', ...headers } });
    expect(
      originReader({ BACKEND_BASE_URL: publicUrl, FORWARDED_ALLOW_IPS: allow })(request, peer),
    ).toMatchObject(expected);
  });
});

describe('networks', () => {
  test.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', '::ffff:10.0.0.1', true],
    ['10.0.0.0/8', '::1', false],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['2001:db8::/32', '2001:db8:1::2', true],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['*', '203.0.113.9', true],
    ['*', 'unix', false],
    ['0.0.0.0/0', '2001:db8::1', false],
  ])('%p has %p: %p', (network, address, expected) => {
    expect(networks([network]).has(address)).toBe(expected);
  });

  test('what is no network is named and matches nothing', () => {
    const found = networks(['10.0.0.0/33', 'localhost', '::1']);
    expect(found.faulty).toEqual(['10.0.0.0/33', 'localhost']);
    expect(found.has('10.0.0.1')).toBe(false);
    expect(found.has('::1')).toBe(true);
  });
});
