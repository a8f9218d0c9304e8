import { AppError } from '../base/errors.ts';
import { type Config, ConfigError } from '../config.ts';
import { networks } from '../http/networks.ts';
import { isMetadataUrl, parseMetadataUrl } from '../store/postgres/address.ts';
import { bucketOptions } from './bucket.ts';
import { createManaged } from './managed-datasources.ts';
import { checkOutbound } from './outbound.ts';
import { tracerHeaders } from './tracing.ts';

/** Throws AppError `storage.unusable`. */
function checkMetadata({ METADATA_DB_PATH }: Config): void {
  if (isMetadataUrl(METADATA_DB_PATH)) parseMetadataUrl(METADATA_DB_PATH);
}

/** The datasources of the settings, also where METADATA_DB_PATH is at fault. */
function checkManaged(config: Config): void {
  const isAtFault = faultsOf(checkMetadata, config).length > 0;
  createManaged(isAtFault ? { ...config, METADATA_DB_PATH: '' } : config);
}

const NETWORKS = ['FORWARDED_ALLOW_IPS', 'METRICS_ALLOW_IPS'] as const;

function checkNetworks(config: Config): void {
  const faults = NETWORKS.flatMap((name) =>
    networks(config[name]).faulty.map((entry) => `${name}: ${entry} is no address or network`),
  );
  if (faults.length > 0) throw new ConfigError(faults);
}

/** What makes of settings what the service works with, and refuses those that it cannot. */
const JUDGES: readonly ((config: Config) => unknown)[] = [
  checkMetadata,
  bucketOptions,
  checkManaged,
  checkNetworks,
  checkOutbound,
  tracerHeaders,
];

function faultsOf(judge: (config: Config) => unknown, config: Config): readonly string[] {
  try {
    judge(config);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    if (error instanceof AppError && error.code === 'storage.unusable') return [error.message];
    throw error;
  }
}

/** A judge that seals needs some secret. */
const withSecret = (config: Config): Config => ({
  ...config,
  SECRET_KEY: config.SECRET_KEY ?? crypto.randomUUID(),
});

/** All that keeps the service from starting and that no setting shows by itself; the texts hold no secret. */
export const settingsFaults = (config: Config): string[] =>
  JUDGES.flatMap((judge) => faultsOf(judge, withSecret(config)));
