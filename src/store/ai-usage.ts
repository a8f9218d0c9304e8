import type { Db } from './database.ts';

export interface AiTokens {
  requests: number;
  inputTokens: number;
  outputTokens: number;
}

/** What AI requests cost; `day` is an ISO date in UTC. */
export function aiUsageStore(db: Db) {
  return {
    async of(userId: string, day: string): Promise<AiTokens> {
      const row = await db
        .selectFrom('ai_usage')
        .selectAll()
        .where('user_id', '=', userId)
        .where('day', '=', day)
        .executeTakeFirst();
      return {
        requests: row?.requests ?? 0,
        inputTokens: Number(row?.input_tokens ?? 0),
        outputTokens: Number(row?.output_tokens ?? 0),
      };
    },

    async add(userId: string, day: string, { requests, inputTokens, outputTokens }: AiTokens): Promise<void> {
      await db
        .insertInto('ai_usage')
        .values({ user_id: userId, day, requests, input_tokens: inputTokens, output_tokens: outputTokens })
        .onConflict((conflict) =>
          conflict.columns(['user_id', 'day']).doUpdateSet(({ eb, ref }) => ({
            requests: eb(ref('ai_usage.requests'), '+', requests),
            input_tokens: eb(ref('ai_usage.input_tokens'), '+', inputTokens),
            output_tokens: eb(ref('ai_usage.output_tokens'), '+', outputTokens),
          })),
        )
        .execute();
    },

    /** Gives how many days of users were removed. */
    async removeBefore(day: string): Promise<number> {
      const { numDeletedRows } = await db
        .deleteFrom('ai_usage')
        .where('day', '<', day)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

export type AiUsageStore = ReturnType<typeof aiUsageStore>;
