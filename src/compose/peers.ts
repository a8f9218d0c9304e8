import { describe } from '../base/errors.ts';
import type { Question } from '../cluster/messages.ts';
import { aggregated, type MetricObject } from '../cluster/metrics-ledger.ts';
import type { Engine, RunningQuery } from '../engine/engine.ts';
import type { Peers } from '../services/query.ts';
import type { Log } from '../telemetry/log.ts';
import { type Metrics, refreshMetrics } from '../telemetry/metrics.ts';
import type { Place } from './parts.ts';

interface Cancel {
  requestId: string;
  userId: string;
}

type Answers = Readonly<Record<Question, (params: unknown) => unknown>>;

export function peersOf({ link }: Place): Peers {
  return {
    running: async () => (await link.ask('running')).flat() as RunningQuery[],
    cancel: async (requestId, userId) =>
      (await link.ask('cancel', { requestId, userId } satisfies Cancel)).includes(true),
  };
}

/** This process's metrics, for another process. */
export async function metricObjects(metrics: Metrics, log: Log): Promise<MetricObject[]> {
  await refreshMetrics(metrics, log);
  return (await metrics.registry.getMetricsAsJSON()) as unknown as MetricObject[];
}

/** What the supervisor and the other processes hear from this one, and `/api/metrics` of all. */
export function joinPeers(
  { link }: Place,
  engine: Engine,
  metrics: Metrics,
  log: Log,
  stats: () => Promise<unknown>,
) {
  const answers: Answers = {
    running: () => engine.running(),
    cancel: (params) => engine.cancel((params as Cancel).requestId, (params as Cancel).userId),
    stats,
    metrics: () => metricObjects(metrics, log),
  };
  link.answerWith(async (question, params) => {
    try {
      return await answers[question](params);
    } catch (error) {
      log.warning('process.notAnswered', { question, cause: describe(error) });
      return null;
    }
  });
  return {
    stats: async () => [await stats(), ...(await link.ask('stats'))],
    async metricsText(): Promise<string> {
      const [own, others] = await Promise.all([metricObjects(metrics, log), link.ask('metrics')]);
      return aggregated([own, ...(others as MetricObject[][])]).metrics();
    },
  };
}
