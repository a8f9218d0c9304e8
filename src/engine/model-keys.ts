import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { Lru } from '../base/lru.ts';
import type { ModelDefinition } from '../domain/model.ts';
import type { PolicyFingerprint } from '../domain/principal.ts';
import { joinKeys } from '../sql/model/join-keys.ts';
import { type KeyClaim, keyClaims, repeatedKey } from '../sql/model/key-claims.ts';
import { modelNames } from '../sql/model/model-names.ts';
import { collectRows } from './collect.ts';
import type { Engine } from './engine.ts';
import { claimSubject, type OpenedModel } from './model-subject.ts';
import { type PlanOptions, planSpec } from './plan.ts';

/** On whose behalf, and within which limits, something is asked. */
export interface Asker {
  userId: string;
  policy: PolicyFingerprint;
  requestId: string;
  signal: AbortSignal;
  /** Ask anew, whatever is kept of databases. */
  fresh: boolean;
  timeoutS?: number | undefined;
}

export interface ModelKeysDeps {
  engine: Engine;
  clock: Clock;
  /** How long the rows of a database are taken to stand, in milliseconds. */
  keepMs: number;
}

const KEPT_BYTES = 4 << 20;

/** Sees to it that no join multiplies rows: asks whether keys that must be unique are. */
export class ModelKeys {
  /** When a claim was found true. */
  readonly #held = new Lru<number>(KEPT_BYTES);

  constructor(readonly deps: ModelKeysDeps) {}

  /**
   * Throws `model.multiplies` with the place of the join where a key has several rows. What was found is kept: of datasets for the generation,
   * of databases for a while.
   */
  async verify(opened: OpenedModel, asker: Asker, options: PlanOptions): Promise<void> {
    const { model } = opened.subject;
    let isStep = false;
    const names = modelNames(model);
    for (const claim of keyClaims(model, names, joinKeys(model, names))) {
      if (this.#isKnown(opened, claim, asker.fresh)) continue;
      const count = await this.#repeated(opened, claim, { ...asker, isStep }, options);
      isStep = true;
      if (count > 0) throw multiplies(model.definition, claim, count);
      const key = keyOf(opened, claim);
      this.#held.set(key, this.deps.clock.now(), key.length * 2);
    }
  }

  #isKnown(opened: OpenedModel, claim: KeyClaim, fresh: boolean): boolean {
    const { key } = opened.tables[claim.table]!;
    const isUnpivoted = claim.table === 0 && opened.subject.model.definition.unpivot !== undefined;
    if (key && !isUnpivoted && key.every((column) => claim.columns.includes(column))) return true;
    const heldAtMs = this.#held.get(keyOf(opened, claim));
    if (heldAtMs === undefined) return false;
    return !opened.subject.connection || (!fresh && this.deps.clock.now() - heldAtMs < this.deps.keepMs);
  }

  /** How many rows one key has that several have; 0 where there is none. */
  async #repeated(
    opened: OpenedModel,
    claim: KeyClaim,
    asker: Asker & { isStep: boolean },
    options: PlanOptions,
  ): Promise<number> {
    const subject = claimSubject(opened, claim);
    const plan = {
      ...planSpec({ ...repeatedKey(claim), from: {} }, subject, 'json', options),
      kind: 'keys',
    } as const;
    const answer = await this.deps.engine.ask({ plan, ...asker, timeoutS: asker.timeoutS });
    const { rows } = await collectRows(answer);
    return rows.length === 0 ? 0 : Number(rows[0]!.at(-1));
  }
}

function keyOf({ tables, subject }: OpenedModel, { table, columns }: KeyClaim): string {
  const unpivot = table === 0 ? subject.model.definition.unpivot : undefined;
  return JSON.stringify([tables[table]!.version, [...columns].sort(), unpivot ?? null]);
}

function multiplies({ joins = [] }: ModelDefinition, { join }: KeyClaim, rows: number): AppError {
  if (!join)
    return new AppError('model.multiplies', `The primaryKey is none: ${rows} rows have one and the same`, {
      pointer: '/primaryKey',
      params: { rows },
    });
  const { as, relationship = 'manyToOne' } = joins[join.place]!;
  const where = join.side === 'joined' ? 'the joined table' : 'what stands before it';
  return new AppError(
    'model.multiplies',
    `The join ${JSON.stringify(as)} is said to be ${relationship}, but ${where} has ${rows} rows for one key: it would multiply rows`,
    { pointer: `/joins/${join.place}`, params: { join: as, rows } },
  );
}
