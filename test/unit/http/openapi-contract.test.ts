import { expect, test } from 'bun:test';
import { describeApi } from '../../../src/http/docs/openapi.ts';
import { everyRoute } from '../../docs/every-route.ts';
import { start } from '../../http/core-kit.ts';
import { contractOf } from '../../support/openapi.ts';

await using server = await start({}, { routes: await everyRoute() });
const contract = contractOf(describeApi(server.elysia, 'test'));

const HEALTH = { status: 'ok', version: '1', uptimeS: 1, role: 'leader', scheduler: 'alive' };
const JSON_TYPE = 'application/json';
const health = (status: number, body: unknown, type = JSON_TYPE) =>
  contract.faults(contract.byId('getHealth'), { status, type, text: JSON.stringify(body) });

test('an answer as described has no faults', () => {
  expect(health(200, HEALTH)).toEqual([]);
  expect(health(200, HEALTH, 'application/json;charset=utf-8')).toEqual([]);
});

test.each([
  ['a member that is not described', 200, { ...HEALTH, more: 1 }, JSON_TYPE, /additional properties/],
  ['a member that is missing', 200, { ...HEALTH, role: undefined }, JSON_TYPE, /required property 'role'/],
  ['a value of another type', 200, { ...HEALTH, uptimeS: '1' }, JSON_TYPE, /\/uptimeS must be integer/],
  ['a status that is not described', 202, HEALTH, JSON_TYPE, /status 202/],
  ['a content type that is not described', 200, HEALTH, 'text/html', /text\/html/],
  ['a problem without a code', 400, { type: 'about:blank' }, 'application/problem+json', /'code'/],
])('%s is a fault', (_, status, body, type, fault) => {
  expect(health(status, body, type).join('\n')).toMatch(fault);
});

test('a path belongs to its most literal pattern', () => {
  const find = (method: string, path: string) => contract.find(method, path)?.operation.operationId;
  expect(find('POST', '/api/models/preview')).toBe('previewModelDefinition');
  expect(find('GET', '/api/models/preview')).toBe('getModel');
  expect(find('GET', '/api/models/a/preview')).toBe('previewModel');
  expect(find('GET', '/api/nothing')).toBeUndefined();
});
