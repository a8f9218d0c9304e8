import { join } from 'node:path';
import type { AnyElysia } from 'elysia';

/** Stands for whatever a route needs; routes only keep it until they are called. */
const anything: unknown = new Proxy(() => anything, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => '1' : anything),
});

/** The route plugins of the whole service, made without their services; the core mounts its own. */
export async function everyRoute(): Promise<AnyElysia[]> {
  const folder = join(import.meta.dir, '../../src/http/routes');
  const plugins: AnyElysia[] = [];
  for await (const file of new Bun.Glob('*.ts').scan(folder)) {
    if (file === 'service.ts' || file === 'docs.ts') continue;
    const module: Record<string, unknown> = await import(join(folder, file));
    for (const [name, make] of Object.entries(module))
      if (name.endsWith('Routes')) plugins.push((make as (deps: unknown) => AnyElysia)(anything));
  }
  return plugins;
}
