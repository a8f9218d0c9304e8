import { deadline, orAborted } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { AppError, type Code } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Caller } from '../domain/audit.ts';
import type {
  DatasourceConnection,
  DatasourceSettings,
  DatasourceTrial,
  ServerFacts,
} from '../domain/datasource.ts';
import type { EngineTable } from '../domain/engine-settings.ts';
import { isLocalHost } from '../domain/source-host.ts';
import { buildSettings } from '../domain/source-settings.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Audit } from './audit.ts';
import type { Datasources } from './datasources.ts';
import { rightsWarnings } from './rights-warning.ts';
import type { SourceAccess } from './source-access.ts';

export interface DatasourceTestsDeps {
  datasources: Datasources;
  access: Pick<SourceAccess, 'facts' | 'rights' | 'forget'>;
  engines: EngineTable;
  audit: Audit;
  clock: Clock;
  metrics: Metrics;
  timeoutS: number;
}

export type TestResult =
  | ({ ok: true; elapsedMs: number; warnings: string[] } & ServerFacts)
  | { ok: false; code: Code; detail: string; elapsedMs: number };

const isAboutTheSource = ({ code }: AppError) =>
  code.startsWith('datasource.') || code === 'storage.sealed' || code.startsWith('query.');

/** What a database cannot do as the language means it. */
function textWarnings({ capabilities }: ServerFacts): string[] {
  const { foldsCase, icu, unicode } = capabilities;
  const warnings: string[] = [];
  if (foldsCase === false)
    warnings.push(
      icu
        ? 'lower and upper of expressions know only the letters of ASCII, as the database was made with the locale C; make it with another locale, such as C.UTF-8'
        : 'Searches, lower and upper know only the letters of ASCII, as the database was made with the locale C; make it with another locale, such as C.UTF-8',
    );
  if (unicode === false)
    warnings.push(
      "The database's encoding is not UTF-8: a filter whose text has a character that the encoding lacks is refused",
    );
  return warnings;
}

function tlsWarnings({ host, tls }: DatasourceSettings): string[] {
  if (isLocalHost(host)) return [];
  const mode = tls?.mode ?? 'off';
  if (mode === 'off')
    return ['The connection is not encrypted: the password and the data can be read on the way'];
  if (mode === 'require')
    return ["The connection is encrypted, but the server's certificate is not checked (TLS mode require)"];
  return [];
}

/** Tries a connection of its own, whatever connections there are already. */
export class DatasourceTests {
  constructor(readonly deps: DatasourceTestsDeps) {}

  /** Of settings that are not kept. Throws AppError `request.invalid` when they cannot be right. */
  unsaved(trial: DatasourceTrial, caller: Caller, signal: AbortSignal): Promise<TestResult> {
    const { datasources, engines } = this.deps;
    const settings = buildSettings(trial, trial.type, engines);
    datasources.checkLogin(trial, trial.type, settings);
    return this.#try({ name: 'test', engine: trial.type, settings }, null, caller, signal);
  }

  /** Of a datasource by id or name; what its server says is kept. */
  async saved(nameOrId: string, caller: Caller, signal: AbortSignal): Promise<TestResult> {
    const { datasources } = this.deps;
    const source = await datasources.resolve(nameOrId);
    const result = await this.#try(source, source.id, caller, signal);
    if (result.ok) {
      const { version, product, capabilities } = result;
      await datasources.keepFacts(source, { version, product, capabilities });
    }
    return result;
  }

  async #try(
    { name, engine, settings }: Pick<DatasourceConnection, 'name' | 'engine' | 'settings'>,
    target: string | null,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<TestResult> {
    const { access, audit, clock } = this.deps;
    const source: DatasourceConnection = {
      ...{ id: newId('ds', clock.now()), version: 0, name, engine },
      settings: { ...settings, pool: { ...settings.pool, size: 1, maxOverflow: 0 } },
    };
    const startedMs = clock.now();
    const result = await this.#facts(source, startedMs, signal).finally(() => access.forget(source.id));
    const { host, port, database, user } = settings;
    const detail = { type: engine, host, port, database, user, outcome: result.ok ? 'ok' : result.code };
    await audit.record({ action: 'datasource.test', target, detail }, caller);
    return result;
  }

  /** A server that does not say what the login may do is no failure of the test. */
  async #rights(source: DatasourceConnection, signal: AbortSignal): Promise<string[]> {
    try {
      return rightsWarnings(source.engine, await this.deps.access.rights(source, signal));
    } catch (error) {
      if (!(error instanceof AppError && isAboutTheSource(error))) throw error;
      return [`The rights of the login could not be read: ${error.message}`];
    }
  }

  async #facts(source: DatasourceConnection, startedMs: number, signal: AbortSignal): Promise<TestResult> {
    const { access, clock, metrics, timeoutS } = this.deps;
    const limit = deadline(
      timeoutS * 1000,
      () => {
        metrics.limitsHit.inc({ limit: 'DATASOURCE_TEST_SECONDS' });
        return new AppError('datasource.unreachable', `The server did not answer within ${timeoutS} s`);
      },
      signal,
    );
    try {
      const facts = await orAborted(access.facts(source, limit.signal), limit.signal);
      const rights = await orAborted(this.#rights(source, limit.signal), limit.signal);
      const warnings = [...tlsWarnings(source.settings), ...textWarnings(facts), ...rights];
      return { ok: true, ...facts, elapsedMs: clock.now() - startedMs, warnings };
    } catch (error) {
      if (!(error instanceof AppError && isAboutTheSource(error))) throw error;
      return { ok: false, code: error.code, detail: error.message, elapsedMs: clock.now() - startedMs };
    } finally {
      limit.clear();
    }
  }
}
