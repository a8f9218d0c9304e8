import type { AiQuery } from '../../domain/ai-query.ts';
import questions from './questions.json' with { type: 'json' };

/** A question over the demo data with a query that answers it; none where the data cannot. */
export interface EvalQuestion {
  question: string;
  query: AiQuery | null;
}

/** What an evaluation asks, in several languages. The queries are one right answer of many: their results count. */
export const QUESTIONS = questions as readonly EvalQuestion[];
