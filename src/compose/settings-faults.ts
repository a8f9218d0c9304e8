import { type Config, ConfigError } from '../config.ts';
import { bucketOptions } from './bucket.ts';
import { createManaged } from './managed-datasources.ts';
import { checkOutbound } from './outbound.ts';
import { tracerHeaders } from './tracing.ts';

/** What makes of settings what the service works with, and refuses those that it cannot. */
const JUDGES: readonly ((config: Config) => unknown)[] = [
  bucketOptions,
  createManaged,
  checkOutbound,
  tracerHeaders,
];

function faultsOf(judge: (config: Config) => unknown, config: Config): readonly string[] {
  try {
    judge(config);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
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
