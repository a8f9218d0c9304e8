import { Counter, Gauge, type Registry } from 'prom-client';

/** Why a process of several was replaced; the label `reason` of `processes_replaced_total`. */
export const REPLACEMENTS = ['crashed', 'silent', 'recycled', 'reloaded'] as const;
export type Replacement = (typeof REPLACEMENTS)[number];

/** The metrics that a supervisor keeps of its processes; where there is one process they stay at nothing. */
export function processMetrics(registry: Registry) {
  const registers = [registry];
  const processes = new Gauge({
    name: 'processes',
    help: 'Processes of the supervisor by state (starting, ready, leaving)',
    labelNames: ['state'],
    registers,
  });
  const processesReplaced = new Counter({
    name: 'processes_replaced_total',
    help: 'Processes that were replaced, by reason (crashed, silent, recycled, reloaded)',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of REPLACEMENTS) processesReplaced.inc({ reason }, 0);
  return { processes, processesReplaced };
}
