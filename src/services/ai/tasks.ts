import { type ColumnNames, maskRows, maskText } from '../../ai/masking.ts';
import type { SourceBrief } from '../../ai/prompts/source.ts';
import type { AiUsage } from '../../ai/provider.ts';
import { AppError } from '../../base/errors.ts';
import type { AiAccessInput, AiTask } from '../../domain/ai.ts';
import type { Caller } from '../../domain/audit.ts';
import type { From } from '../../domain/query-spec.ts';
import type { Audit } from '../audit.ts';
import type { QueryRequest } from '../query.ts';
import type { AiCalls, AiSession } from './calls.ts';
import type { AiData, SourceFields } from './data.ts';
import type { AiProgress } from './progress.ts';

export interface AiTasksDeps {
  calls: AiCalls;
  data: AiData;
  audit: Audit;
  sampleRows: number;
}

/** Who asks, and with which provider. */
export interface AiRequestOf {
  query: QueryRequest;
  caller: Caller;
  access: AiAccessInput;
  /** Told how it goes on; undefined where nobody follows. */
  progress?: AiProgress | undefined;
}

/** What every answer says of how it was made. */
export interface AiMeta {
  requestId: string;
  provider: string;
  model: string;
  usage: AiUsage;
  repairs: number;
}

/** One use of AI as it goes on: the source as the model is told of it, and what left of its rows. */
export interface AiTaskContext extends AiRequestOf {
  session: AiSession;
  data: AiData;
  /** The id of the source, for the audit log; null where there is none. */
  target: string | null;
  /** How often answers were sent back so far. */
  repairs: number;
  left: { rows: number; masked: number };
}

export const MAX_REPAIRS = 2;
/** Of a sample: rows of the widest tables would fill any model. */
const MOST_COLUMNS = 100;

interface Described {
  label?: string;
  description?: string;
  synonyms?: readonly string[];
}

/** What people wrote about a source, masked: it may name people. */
function described(source: SourceFields, { session, left }: AiTaskContext): SourceFields {
  const hide = (text: string) => {
    const hidden = maskText(text, session.settings.masking);
    left.masked += hidden.masked;
    return hidden.text;
  };
  const write = <T extends Described>(one: T): T => {
    const { label, description, synonyms } = one;
    return {
      ...one,
      ...(label === undefined ? {} : { label: hide(label) }),
      ...(description === undefined ? {} : { description: hide(description) }),
      ...(synonyms === undefined ? {} : { synonyms: synonyms.map(hide) }),
    };
  };
  return { ...write(source), fields: source.fields.map(write), measures: source.measures.map(write) };
}

/** Runs uses of AI: each is one session, and one entry of the audit log that tells how much left and none of it. */
export class AiTasks {
  constructor(readonly deps: AiTasksDeps) {}

  async run<T>(
    task: AiTask,
    target: string | null,
    request: AiRequestOf,
    work: (context: AiTaskContext) => Promise<T>,
  ): Promise<T & { meta: AiMeta }> {
    const { calls, data, audit } = this.deps;
    const { query, access, caller, progress } = request;
    const asker = { userId: query.principal.userId, access, signal: query.signal, progress };
    return calls.run(task, asker, async (session) => {
      const asked = { ...query, signal: session.signal };
      const context: AiTaskContext = {
        ...request,
        query: asked,
        session,
        data,
        target,
        repairs: 0,
        left: { rows: 0, masked: 0 },
      };
      try {
        const result = await work(context);
        const { provider, model, usage } = session;
        return {
          ...result,
          meta: { requestId: query.requestId, provider, model, usage, repairs: context.repairs },
        };
      } finally {
        session.repaired(context.repairs);
        const detail = {
          provider: session.provider,
          model: session.model,
          sent: session.sent(),
          ...context.left,
        };
        await audit.record({ action: `ai.${task}`, target: context.target, detail }, caller);
      }
    });
  }

  /** AppError `auth.forbidden` where the administrator lets no names leave. */
  requireNames({ session }: AiTaskContext): void {
    if (session.settings.allowColumnNames) return;
    throw new AppError(
      'auth.forbidden',
      'The administrator lets no names of columns leave (allowColumnNames)',
      { params: { setting: 'allowColumnNames' } },
    );
  }

  /** What the model is told of a source. AppError `auth.forbidden` where the administrator lets no names leave. */
  async brief(from: From, context: AiTaskContext): Promise<SourceBrief & { id: string }> {
    const { settings, signal } = context.session;
    this.requireNames(context);
    const source = described(await context.data.fields(from, signal), context);
    context.target = source.id;
    if (!settings.allowSampleRows || this.deps.sampleRows === 0) return source;
    const names = source.fields
      .filter(({ type }) => type !== 'binary')
      .slice(0, MOST_COLUMNS)
      .map(({ name }) => name);
    const { rows } = await context.data.sample(from, names, this.deps.sampleRows, context.query);
    const origins = await context.data.origins(from);
    context.left.rows += rows.length;
    const behind = names.map((name) => origins.of(name));
    return { ...source, sample: { columns: names, rows: this.masked(behind, rows, context) } };
  }

  /** Values as they may leave; what is hidden is counted. Call it only where `allowSampleRows` lets any. */
  masked(columns: readonly ColumnNames[], rows: readonly (readonly unknown[])[], context: AiTaskContext) {
    const hidden = maskRows(columns, rows, context.session.settings.masking);
    context.left.masked += hidden.masked;
    return hidden.rows;
  }
}
