import { type Config, ConfigError } from '../config.ts';
import { AllowList } from '../outbound/allow-list.ts';
import { OutboundClient } from '../outbound/client.ts';
import { Guard, systemResolver } from '../outbound/guard.ts';
import type { Parts } from './parts.ts';

/** Throws ConfigError for an entry of OUTBOUND_ALLOW or OUTBOUND_PORTS that is none. */
export function checkOutbound({ OUTBOUND_ALLOW, OUTBOUND_PORTS }: Config): AllowList {
  const allow = new AllowList(OUTBOUND_ALLOW);
  const wrongPorts = OUTBOUND_PORTS.filter((port) => !/^\d{1,5}$/.test(port) || Number(port) > 65_535);
  const faults = [
    ...allow.faulty.map((entry) => `OUTBOUND_ALLOW: ${entry} is no name, address or network`),
    ...wrongPorts.map((entry) => `OUTBOUND_PORTS: ${entry} is no port`),
  ];
  if (faults.length > 0) throw new ConfigError(faults);
  return allow;
}

/** The one way out of the service. Throws ConfigError as `checkOutbound`. */
export function createOutbound({ config, metrics }: Pick<Parts, 'config' | 'metrics'>): OutboundClient {
  return new OutboundClient({
    guard: new Guard({ allow: checkOutbound(config), ports: new Set(config.OUTBOUND_PORTS.map(Number)) }),
    resolver: systemResolver,
    metrics,
    maxBytes: config.OUTBOUND_MAX_BYTES,
    timeoutMs: config.OUTBOUND_TIMEOUT_SECONDS * 1000,
    idleMs: config.OUTBOUND_IDLE_SECONDS * 1000,
    connectMs: config.OUTBOUND_CONNECT_SECONDS * 1000,
  });
}
