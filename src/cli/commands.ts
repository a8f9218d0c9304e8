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
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  'print-config': async () => (await import('./print-config.ts')).printConfigCommand,
};
