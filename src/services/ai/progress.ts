/** What a use of AI is at: waiting for its turn, the model writing queries or steps, writing them again, a query running, the model writing a text. */
export const AI_STEPS = ['waiting', 'planning', 'repairing', 'running', 'wording'] as const;
export type AiStep = (typeof AI_STEPS)[number];

/** Who follows a use of AI as it goes on. */
export interface AiProgress {
  step(step: AiStep): void;
  /** A piece of the text, unchecked; a step `repairing` after it makes all pieces before void. */
  text(piece: string): void;
}
