import { Counter, Gauge, type Registry } from 'prom-client';

/** What becomes of the engine processes, and of statements that end them. */
export function engineMetrics(registry: Registry) {
  const registers = [registry];
  return {
    engineProcesses: new Gauge({
      name: 'engine_processes',
      help: 'Engine processes by kind (query, sql, ingest, source)',
      labelNames: ['kind'],
      registers,
    }),
    engineBytes: new Gauge({
      name: 'engine_resident_bytes',
      help: 'Resident memory of the engine processes by kind',
      labelNames: ['kind'],
      registers,
    }),
    engineEnds: new Counter({
      name: 'engine_process_ends_total',
      help: 'Engine processes that ended, by kind and cause (overdue, memory, silent, crash, killed, closed)',
      labelNames: ['kind', 'why'],
      registers,
    }),
    queriesRerun: new Counter({
      name: 'queries_rerun_total',
      help: 'Jobs that ran again because their engine process ended, by kind of process',
      labelNames: ['kind'],
      registers,
    }),
    queriesDangerous: new Counter({
      name: 'queries_dangerous_total',
      help: 'Statements refused because they ended their engine process twice, by lane',
      labelNames: ['lane'],
      registers,
    }),
  };
}
