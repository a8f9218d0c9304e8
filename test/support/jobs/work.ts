import Type from 'typebox';
import type { Job } from '../../../src/jobs/job.ts';
import type { ScheduleTarget } from '../../../src/services/schedules.ts';

/** A job that takes as long as it is told, and gives the process that did it. */
export const work: Job = {
  kind: 'work',
  run: (input, { signal, attempt }) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve({ pid: process.pid, attempt }), (input as { ms: number }).ms);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    }),
};

export const workTarget: ScheduleTarget = {
  kind: 'work',
  schema: Type.Object(
    { kind: Type.Literal('work'), ms: Type.Integer({ minimum: 0 }) },
    { additionalProperties: false },
  ),
  work: async ({ ms }) => ({ subjectId: null, input: { ms } }),
};
