import type { Commands } from './run.ts';

export const COMMANDS: Commands = {
  serve: async () => {
    const { serveCommand } = await import('./serve.ts');
    return serveCommand(async () => (await import('../service.ts')).startService);
  },
  user: async () => (await import('./user.ts')).userCommand,
  key: async () => (await import('./key.ts')).keyCommand,
  backup: async () => (await import('./backup.ts')).backupCommand,
  restore: async () => (await import('./restore.ts')).restoreCommand,
  import: async () => (await import('./import.ts')).importCommand,
  export: async () => (await import('./export.ts')).exportCommand,
  migrate: async () => (await import('./migrate.ts')).migrateCommand,
  secret: async () => (await import('./secret.ts')).secretCommand,
  openapi: async () => {
    const { openapiCommand } = await import('./openapi.ts');
    return openapiCommand(async () => (await import('../service.ts')).startService);
  },
  ai: async () => (await import('./ai.ts')).aiCommand,
  bench: async () => (await import('./bench.ts')).benchCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  completion: async () => {
    const { completionCommand } = await import('./completion.ts');
    return completionCommand(async () => COMMANDS);
  },
  'print-config': async () => (await import('./print-config.ts')).printConfigCommand,
};
