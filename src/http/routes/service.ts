import { Elysia } from 'elysia';
import { steadyClock } from '../../base/clock.ts';
import { describe } from '../../base/errors.ts';
import type { Log } from '../../telemetry/log.ts';
import { type Metrics, refreshMetrics } from '../../telemetry/metrics.ts';
import { contextOf, requireScope } from '../context.ts';

export interface ServiceDeps {
  metrics: Metrics;
  log: Log;
  version: string;
  checks: Record<string, () => Promise<string | undefined>>;
  /** Parts that are told of and make nobody unready: who lacks them still answers much. */
  told?: Record<string, () => Promise<string | undefined>>;
  stats: () => Promise<Record<string, unknown>>;
  role: () => string;
  metricsText?: () => Promise<string>;
  isSchedulerAlive?: () => boolean;
  /** Whether some process starts scheduled work. */
  isScheduled?: () => boolean;
}

interface Check {
  ok: boolean;
  detail?: string;
}

/** A part that takes longer to answer is not ready. */
const CHECK_MS = 8000;

async function within(ms: number, check: Promise<string | undefined>): Promise<string | undefined> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(`It did not answer within ${ms / 1000} s`), ms);
  try {
    return await Promise.race([check, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function runCheck(
  name: string,
  check: () => Promise<string | undefined>,
  log: Log,
): Promise<[string, Check]> {
  try {
    const detail = await within(CHECK_MS, check());
    return [name, detail === undefined ? { ok: true } : { ok: false, detail }];
  } catch (error) {
    log.error('ready.check', { check: name, cause: describe(error) });
    return [name, { ok: false, detail: 'The check itself failed; the log has more' }];
  }
}

const NO_SCHEDULER = {
  off: 'No process starts scheduled work; set RUN_SCHEDULER=1 for at least one process',
  late: 'No process leads the scheduler yet',
};

/** Health, readiness, metrics and numbers of the process. */
export function serviceRoutes(deps: ServiceDeps) {
  const startedAtMs = steadyClock.now();
  const tags = ['service'];
  const metricsText =
    deps.metricsText ??
    (async () => {
      await refreshMetrics(deps.metrics, deps.log);
      return deps.metrics.registry.metrics();
    });

  const isSchedulerAlive = () => deps.isSchedulerAlive?.() ?? false;
  /** Reported, but never makes readiness fail: without a leader no schedule starts, and every query is answered all the same. */
  const schedulerPart = (isKnown: boolean) => {
    const role = deps.role();
    const ok = role === 'web' ? (deps.isScheduled?.() ?? isSchedulerAlive()) : isSchedulerAlive();
    return { ok, role, ...(ok || !isKnown ? {} : { detail: NO_SCHEDULER[role === 'web' ? 'off' : 'late'] }) };
  };

  return new Elysia()
    .get(
      '/healthz',
      () => ({
        status: 'ok',
        version: deps.version,
        uptimeS: Math.floor((steadyClock.now() - startedAtMs) / 1000),
        role: deps.role(),
        scheduler: isSchedulerAlive() ? 'alive' : 'none',
      }),
      { detail: { summary: 'The process is alive', tags, security: [] } },
    )
    .get(
      '/readyz',
      async ({ request, set }) => {
        const all = (checks: typeof deps.checks) =>
          Promise.all(Object.entries(checks).map(([name, check]) => runCheck(name, check, deps.log)));
        const [results, told] = await Promise.all([all(deps.checks), all(deps.told ?? {})]);
        const ready = results.every(([, { ok }]) => ok);
        const known = contextOf(request).principal !== undefined;
        const checks = [...results, ...told].map(
          ([name, check]) => [name, known ? check : { ok: check.ok }] as const,
        );
        set.status = ready ? 200 : 503;
        return {
          status: ready ? 'ready' : 'notReady',
          checks: { ...Object.fromEntries(checks), scheduler: schedulerPart(known) },
        };
      },
      { detail: { summary: 'What is ready for work and what is not, by name', tags, security: [] } },
    )
    .get(
      '/metrics',
      async () =>
        new Response(await metricsText(), {
          headers: { 'content-type': deps.metrics.registry.contentType },
        }),
      { detail: { summary: 'Metrics in the Prometheus text format', tags } },
    )
    .get(
      '/admin/stats',
      async ({ request }) => {
        requireScope(request, 'admin');
        return deps.stats();
      },
      { detail: { summary: 'Numbers of the running process', tags: ['admin'] } },
    );
}
