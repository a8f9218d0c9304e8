import { describe, expect, test } from 'bun:test';
import { fillJson, fillTemplate, parseTemplate, type TemplateValues } from '../../../src/domain/template.ts';

const NOW = Date.parse('2026-03-29T00:30:15.250Z');
const values: TemplateValues = { nowMs: NOW, timezone: 'Europe/Rome', from: null, to: null, cursor: null };
const fill = (text: string, more: Partial<TemplateValues> = {}) =>
  fillTemplate(parseTemplate(text, '/x'), { ...values, ...more });

describe('a placeholder', () => {
  const FILLED: [text: string, filled: string, more?: Partial<TemplateValues>][] = [
    ['{{now}}', '2026-03-29T00:30:15.25Z'],
    ['{{now | date}}', '2026-03-29'],
    ['{{now|dateTime}}', '2026-03-29 01:30:15'],
    ['{{now|unix}}/{{now|unixMs}}', '1774744215/1774744215250'],
    ['{{today}}', '2026-03-29'],
    ['{{today | iso}}', '2026-03-28T23:00:00Z'],
    ['{{today | compact}}', '20260329'],
    ['{{ today - 7d }}', '2026-03-22'],
    ['{{today - 1mo}}', '2026-02-28'],
    ['{{today - 1y + 2w | date}}', '2025-04-12'],
    // The clocks go forward at two: a day is a day of the calendar, an hour an hour.
    ['{{today + 1d | iso}}', '2026-03-29T22:00:00Z'],
    ['{{today + 24h | iso}}', '2026-03-29T23:00:00Z'],
    ['{{now + 1h | dateTime}}', '2026-03-29 03:30:15'],
    ['{{now - 90s | iso}}', '2026-03-29T00:28:45.25Z'],
    ['{{now - 30m | dateTime}}', '2026-03-29 01:00:15'],
    ['{{from}}', '17', { from: '17' }],
    ['{{from}}', '2026-01-01T00:00:00Z', { from: '2026-01-01T00:00:00Z' }],
    ['{{from - 1h}}', '2025-12-31T23:00:00Z', { from: '2026-01-01T00:00:00Z' }],
    ['{{from | date}}', '2026-01-01', { from: '2025-12-31 23:30:00Z' }],
    ['{{from | iso}}', '2025-12-31T22:30:00Z', { from: '2025-12-31 23:30:00' }],
    ['{{from | iso}}', '2025-12-30T23:00:00Z', { from: '2025-12-31' }],
    ['{{from | unix}}', '1767223800', { from: '2026-01-01T00:30:00+01:00' }],
    ['{{to}}', '2026-03-29T00:30:15.25Z'],
    ['{{to | date}}', '2026-02-01', { to: '2026-02-01T00:00:00+01:00' }],
    ['{{cursor}}', 'a/b?c', { cursor: 'a/b?c' }],
    ['{{cursor ?? 0}}', '0'],
    ['{{cursor ?? 0}}', '5', { cursor: '5' }],
    ['{{from | unix ?? 2024-01-01T00:00:00Z}}', '1704067200'],
    ['{{from - 1d | date ?? 2024-01-01}}', '2023-12-31'],
    ['no {braces} } here', 'no {braces} } here'],
    ['a{{today}}b{{cursor ?? x}}', 'a2026-03-29bx'],
  ];
  test.each(FILLED.map(([text, filled, more = {}]) => [text, filled, more] as const))(
    '%s is %s',
    (text, filled, more) => {
      expect(fill(text, more)).toBe(filled);
    },
  );

  test.each([
    '{{}}',
    '{{yesterday}}',
    '{{now | rfc}}',
    '{{now - 1q}}',
    '{{now - d}}',
    '{{now-1d-}}',
    '{{env.HOME}}',
    '{{now',
    '{{ now | date | iso }}',
  ])('%s is refused', (text) => {
    expect(() => parseTemplate(text, '/x')).toThrow(
      expect.objectContaining({ code: 'request.invalid', pointer: '/x' }),
    );
  });

  test.each<[text: string, more: Partial<TemplateValues>, says: RegExp]>([
    ['{{from}}', {}, /no value yet/],
    ['{{cursor | unix}}', {}, /no value yet/],
    ['{{cursor | unix}}', { cursor: 'secret words' }, /wants a time/],
    ['{{from - 1d}}', { from: '17' }, /wants a time/],
  ])('%s without what it needs', (text, more, says) => {
    const fault = (() => {
      try {
        return fill(text, more);
      } catch (error) {
        return error as { code: string; message: string };
      }
    })();
    expect(fault).toMatchObject({ code: 'source.template', message: expect.stringMatching(says) });
    expect(JSON.stringify(fault)).not.toContain('secret words');
  });

  test('is encoded where it stands in a URL', () => {
    const url = parseTemplate('http://h/{{cursor}}?a={{now}}', '/x');
    expect(fillTemplate(url, { ...values, cursor: '../a b' }, encodeURIComponent)).toBe(
      'http://h/..%2Fa%20b?a=2026-03-29T00%3A30%3A15.25Z',
    );
  });

  test('alone in JSON, seconds are a number', () => {
    const json = (text: string) => fillJson(parseTemplate(text, '/x'), values);
    expect([json('{{now|unix}}'), json('at {{now|unix}}'), json('{{now|date}}')]).toEqual([
      1774744215,
      'at 1774744215',
      '2026-03-29',
    ]);
  });
});
