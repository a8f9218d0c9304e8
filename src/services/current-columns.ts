import { AppError } from '../base/errors.ts';
import type { Plan, PlanOptions } from '../engine/plan.ts';
import type { SourceFacts } from '../engine/sources.ts';
import type { Subject } from '../engine/subject.ts';

export type Prepare = () => Promise<[Subject, PlanOptions]>;
export type Make = (subject: Subject, options: PlanOptions) => Plan;

const hasCode = (error: unknown, ...codes: string[]) =>
  error instanceof AppError && codes.includes(error.code);

/** Plans over the columns of a database as they are kept, and over those that are there now where these do not fit. */
export class CurrentColumns {
  constructor(readonly facts: Pick<SourceFacts, 'forgetColumns'>) {}

  /** A name or a type that does not fit is looked up once more before it is refused. */
  async plan(prepare: Prepare, make: Make): Promise<Plan> {
    const [subject, options] = await prepare();
    try {
      return make(subject, options);
    } catch (error) {
      if (!subject.connection || !hasCode(error, 'query.field', 'query.type')) throw error;
      this.facts.forgetColumns(subject.connection);
      return make(...(await prepare()));
    }
  }

  /** A statement that the database refuses is planned once more, and asked if other columns make it another one. */
  async ask<T>(prepare: Prepare, make: Make, run: (plan: Plan) => Promise<T>): Promise<T> {
    const plan = await this.plan(prepare, make);
    const { connection } = plan.subject;
    try {
      return await run(plan);
    } catch (error) {
      if (!connection || !hasCode(error, 'query.failed')) throw error;
      this.facts.forgetColumns(connection);
      const again = make(...(await prepare()));
      if (JSON.stringify(again.job) === JSON.stringify(plan.job)) throw error;
      return run(again);
    }
  }
}
