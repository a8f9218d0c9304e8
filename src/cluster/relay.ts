import type { Member } from './member.ts';
import type { FromProcess } from './messages.ts';

/** A process that has not answered by then is left out. */
const ANSWER_MS = 2000;

interface Open {
  waiting: Set<Member>;
  values: unknown[];
  close(): void;
}

/** Carries a question of one process to all others, and their answers back. */
export class Relay {
  readonly #open = new Map<number, Open>();
  #nextId = 1;

  constructor(readonly members: () => Iterable<Member>) {}

  ask(
    from: Member,
    { id, question, params }: Extract<FromProcess, { kind: 'ask' }>,
    more: () => unknown[],
  ): void {
    const others = [...this.members()].filter((member) => member !== from);
    const waiting = new Set(others.filter(({ state }) => state === 'ready' || state === 'leaving'));
    const key = this.#nextId++;
    const values: unknown[] = [];
    const close = () => {
      clearTimeout(timer);
      this.#open.delete(key);
      // What a silent process told last stands in for its metrics.
      if (question === 'metrics') for (const { metrics } of waiting) values.push(metrics);
      from.send({ kind: 'answers', id, values: [...values, ...more()] });
    };
    const timer = setTimeout(close, ANSWER_MS);
    this.#open.set(key, { waiting, values, close });
    for (const member of waiting) member.send({ kind: 'ask', id: key, question, params });
    if (waiting.size === 0) close();
  }

  answer(member: Member, { id, value }: Extract<FromProcess, { kind: 'answer' }>): void {
    const open = this.#open.get(id);
    if (!open?.waiting.delete(member)) return;
    // One that could not answer is left out, as one that is silent.
    if (value !== null) open.values.push(value);
    if (open.waiting.size === 0) open.close();
  }

  /** Nobody waits for one that has ended. */
  forget(member: Member): void {
    for (const open of [...this.#open.values()])
      if (open.waiting.delete(member) && open.waiting.size === 0) open.close();
  }
}
