import type { AiPost, AiProvider } from '../../ai/provider.ts';
import { PROVIDERS } from '../../ai/providers.ts';
import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { Seal } from '../../base/seal.ts';
import type { AiAccessInput, AiConfigInput, AiProviderName, AiSettings, AiTask } from '../../domain/ai.ts';
import type { Caller } from '../../domain/audit.ts';
import type { Nouns, Store } from '../../store/store.ts';
import type { Audit } from '../audit.ts';

const FACT = 'ai.config';
const PLACE = 'ai.config/key';

/** As it is kept: the key sealed. */
interface Kept extends AiSettings {
  key: string | undefined;
}

export interface ShownAiConfig extends AiSettings {
  configured: boolean;
  hasKey: boolean;
}

/** A provider ready to be asked, with the settings in force. */
export interface OpenAi {
  name: AiProviderName;
  provider: AiProvider;
  model: string;
  settings: AiSettings;
}

const DEFAULTS: AiSettings = {
  provider: 'openai',
  model: '',
  baseUrl: PROVIDERS.openai.baseUrl,
  allowColumnNames: true,
  allowSampleRows: false,
  masking: { email: true, phone: true, card: true, iban: true, columns: [] },
  dailyTokens: 0,
  models: {},
};

export interface AiConfigDeps {
  store: Store;
  seal: Seal;
  audit: Audit;
  clock: Clock;
  post: AiPost;
  /** Throws an AppError where the guard of outbound calls would refuse the address. */
  checkUrl(url: string): void;
}

/** How AI is set up: one configuration for the installation, its key sealed and never shown. */
export class AiConfigs {
  constructor(readonly deps: AiConfigDeps) {}

  async get(): Promise<ShownAiConfig> {
    const kept = await keptIn(this.deps.store.facts);
    const { key, ...settings } = kept ?? { ...DEFAULTS, key: undefined };
    return { configured: kept !== undefined, ...settings, hasKey: key !== undefined };
  }

  /** Replaces the configuration. A stored key stays only where it would be sent to the same place. */
  async put(input: AiConfigInput, caller: Caller): Promise<ShownAiConfig> {
    const { store, audit, seal } = this.deps;
    const settings = settingsOf(input);
    this.#checkUrl(settings.baseUrl);
    await store.transaction(async (nouns) => {
      const before = await keptIn(nouns.facts);
      const samePlace = before?.provider === settings.provider && before.baseUrl === settings.baseUrl;
      const key =
        input.key === null
          ? undefined
          : input.key === undefined
            ? samePlace
              ? before.key
              : undefined
            : seal.seal(input.key, PLACE);
      if (key === undefined && input.key === undefined && before?.key !== undefined)
        throw new AppError(
          'request.invalid',
          'The stored key belongs to another provider or address; give the key of this one, or null for none',
          { pointer: '/key' },
        );
      await nouns.facts.set(FACT, JSON.stringify({ ...settings, key }));
      const { dailyTokens: dailyBudget, ...others } = settings; // the log takes nothing called a token
      const detail = {
        ...others,
        dailyBudget,
        keyChanged: input.key !== undefined,
        hasKey: key !== undefined,
      };
      await audit.within(nouns).record({ action: 'ai.configure', target: settings.provider, detail }, caller);
    });
    return this.get();
  }

  #checkUrl(url: string): void {
    try {
      this.deps.checkUrl(url);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw new AppError(error.code, `/baseUrl: ${error.message}`, { pointer: '/baseUrl' });
    }
  }

  /**
   * The provider for a request: that of the configuration, or with a key of the caller's own any. A stored key goes to the stored address and
   * nowhere else. Throws `ai.notConfigured` and `request.invalid`.
   */
  async open({ provider, model, apiKey }: AiAccessInput, task: AiTask): Promise<OpenAi> {
    const kept = await keptIn(this.deps.store.facts);
    const name = provider ?? kept?.provider;
    const settings = kept ?? DEFAULTS;
    if (name === undefined) throw notConfigured();
    const isStored = name === kept?.provider;
    const { baseUrl: usual, keyOptional } = PROVIDERS[name];
    const baseUrl = isStored ? kept.baseUrl : usual;
    if (baseUrl === undefined)
      throw new AppError(
        'request.invalid',
        `The provider ${name} has no address of its own; an administrator sets it up`,
        {
          pointer: '/provider',
        },
      );
    const key =
      apiKey ?? (isStored && kept.key !== undefined ? this.deps.seal.open(kept.key, PLACE) : undefined);
    if (key === undefined && !keyOptional) throw isStored ? notConfigured() : noKey(name);
    const chosen = model ?? (isStored ? (kept.models[task] ?? kept.model) : undefined);
    if (isStored && apiKey === undefined && ![kept.model, ...Object.values(kept.models)].includes(chosen!))
      throw new AppError(
        'request.invalid',
        '/model must be one that an administrator set up; others go with an apiKey',
        { pointer: '/model' },
      );
    if (chosen === undefined)
      throw new AppError('request.invalid', `/model is needed for the provider ${name}`, {
        pointer: '/model',
      });
    const { post, clock } = this.deps;
    const opened = PROVIDERS[name].open({ baseUrl, key }, post, () => clock.now());
    return { name, provider: opened, model: chosen, settings };
  }
}

async function keptIn(facts: Nouns['facts']): Promise<Kept | undefined> {
  const text = await facts.get(FACT);
  return text === undefined ? undefined : (JSON.parse(text) as Kept);
}

/** The key that is kept, to be sealed anew; none where there is none. */
export async function resealAiKey(facts: Nouns['facts'], seal: Seal) {
  const kept = await keptIn(facts);
  if (kept?.key === undefined) return [];
  const { key: sealed } = kept;
  return [
    {
      id: FACT,
      async renew() {
        const key = seal.reseal(sealed, PLACE);
        if (key !== undefined) await facts.set(FACT, JSON.stringify({ ...kept, key }));
        return key !== undefined;
      },
    },
  ];
}

const notConfigured = () =>
  new AppError(
    'ai.notConfigured',
    'No AI provider is set up: PUT /api/ai/config, or send provider, model and apiKey',
  );

const noKey = (name: string) =>
  new AppError(
    'request.invalid',
    `The provider ${name} is not the one that is set up; send its key as apiKey`,
    {
      pointer: '/apiKey',
    },
  );

function settingsOf(input: AiConfigInput): AiSettings {
  const { provider, model, masking = {}, models = {} } = input;
  const baseUrl = (input.baseUrl ?? PROVIDERS[provider].baseUrl)?.replace(/\/+$/, '');
  if (baseUrl === undefined)
    throw new AppError('request.invalid', `/baseUrl is needed for the provider ${provider}`, {
      pointer: '/baseUrl',
    });
  return {
    provider,
    model,
    baseUrl,
    allowColumnNames: input.allowColumnNames ?? DEFAULTS.allowColumnNames,
    allowSampleRows: input.allowSampleRows ?? DEFAULTS.allowSampleRows,
    masking: { ...DEFAULTS.masking, ...masking },
    dailyTokens: input.dailyTokens ?? DEFAULTS.dailyTokens,
    models,
  };
}
