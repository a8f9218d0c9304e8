import { expect, test } from 'bun:test';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { aggregated, type MetricObject, MetricsLedger } from '../../../src/cluster/metrics-ledger.ts';

async function metricsOf(count: number): Promise<MetricObject[]> {
  const registers = [new Registry()];
  new Counter({ name: 'asked_total', help: 'x', labelNames: ['how'], registers }).inc({ how: 'a' }, count);
  new Gauge({ name: 'open', help: 'x', registers }).set(count);
  new Histogram({ name: 'took_seconds', help: 'x', buckets: [1], registers }).observe(0.5);
  return (await registers[0]!.getMetricsAsJSON()) as unknown as MetricObject[];
}

test('what ended processes counted stays, however many there were; what they had open goes', async () => {
  const ledger = new MetricsLedger();
  for (let i = 0; i < 25; i++) {
    ledger.add(await metricsOf(2));
    await Bun.sleep(0);
  }
  expect(ledger.ended.length).toBeLessThan(15);
  const text = await aggregated([...ledger.ended, await metricsOf(3)]).metrics();
  expect(text).toContain('asked_total{how="a"} 53');
  expect(text).toContain('took_seconds_count 26');
  expect(text).toContain('\nopen 3');
});
