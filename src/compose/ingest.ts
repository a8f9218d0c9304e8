import { Seal } from '../base/seal.ts';
import { sleep } from '../base/sleep.ts';
import type { SecretUse } from '../domain/secret.ts';
import { secretsNamedIn } from '../domain/secret.ts';
import type { IngestRunner } from '../lake/jobs.ts';
import type { OutboundClient } from '../outbound/client.ts';
import type { Identity } from '../services/identity.ts';
import { type FileSourceOpeners, fileSources } from '../services/ingest/file-sources.ts';
import { HttpAuthenticator } from '../services/ingest/http-auth.ts';
import { NamedSecrets } from '../services/named-secrets.ts';
import type { Store } from '../store/store.ts';
import type { Parts } from './parts.ts';

const PAGE = 500;

/** Which sync tasks name which secrets. */
async function usesOf(store: Store, names: readonly string[]): Promise<Map<string, SecretUse[]>> {
  const uses = new Map<string, SecretUse[]>(names.map((name) => [name, []]));
  for (let after: string | undefined; ; ) {
    const tasks = await store.syncTasks.list(PAGE, after);
    for (const { id, name, source } of tasks)
      for (const secret of secretsNamedIn(source)) uses.get(secret)?.push({ kind: 'syncTask', id, name });
    if (tasks.length < PAGE) return uses;
    after = tasks.at(-1)!.id;
  }
}

export function createSecrets(
  { config, clock, log }: Parts,
  store: Store,
  { audit }: Identity,
): NamedSecrets {
  const seal = new Seal(config.SECRET_KEY!, config.SECRET_KEY_PREVIOUS);
  return new NamedSecrets({ store, seal, audit, clock, log, usesOf: (names) => usesOf(store, names) });
}

/** Sources of sync tasks that are no databases. */
export function createFileSources(
  { config, clock, folders, metrics }: Parts,
  secrets: NamedSecrets,
  outbound: OutboundClient,
  ingest: IngestRunner,
): FileSourceOpeners {
  return fileSources({
    ...{ outbound, secrets, ingest, folders, clock, metrics, sleep },
    authenticator: new HttpAuthenticator({ outbound, secrets, clock }),
    random: Math.random,
    timezone: config.TIMEZONE,
    maxPages: config.SOURCE_MAX_PAGES,
    maxBytes: config.UPLOAD_MAX_EXPANDED_BYTES,
    root: config.WATCH_ROOT,
    maxFiles: config.WATCH_MAX_FILES,
  });
}
